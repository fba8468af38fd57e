import { setTimeout as delay } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createGateway } from '../../../gateway/create-gateway.ts';
import type { SupergraphSource } from '../../../gateway/supergraph/sources/source.ts';
import { until } from '../../support/until.ts';
import { graphOfVersion } from './versions.ts';

const graphs = [1, 2, 3].map((number) => graphOfVersion(number));

describe('the planner threads of a gateway', () => {
  let running = 0;
  const note = (worker: Worker) => {
    running += 1;
    worker.once('exit', () => {
      running -= 1;
    });
  };
  beforeEach(() => void process.on('worker', note));
  afterEach(() => void process.off('worker', note));

  it('are gone with the schemas they were for, and requests over HTTP meanwhile all succeed', async () => {
    let change: (supergraphSdl: string) => void = () => {};
    const source: SupergraphSource = {
      async start(onChange) {
        change = onChange;
        return graphs[0]?.supergraphSdl ?? '';
      },
      close: () => {},
    };
    const transport = {
      send: (request: never) => (graphs[0] as (typeof graphs)[0]).transport.send(request),
      close: async () => {},
    };
    // Nothing is planned ahead: a swap comes while requests wait for plans of the schema before.
    const schemaWarmUp = { operations: 0, timeoutMs: 1 };
    const gateway = await createGateway({ supergraph: source, transport, schemaWarmUp });
    const { url } = await gateway.listen({ host: '127.0.0.1', port: 0 });
    const ask = async () => {
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(`${url}/graphql`, { method: 'POST', headers, body: '{"query":"{ version }"}' });
      return answer.json();
    };
    expect(await ask()).toEqual({ data: { version: 1 } });
    let isOver = false;
    const answers = new Map<string, number>();
    const client = async () => {
      while (!isOver) {
        const answer = JSON.stringify(await ask());
        answers.set(answer, (answers.get(answer) ?? 0) + 1);
        await delay(5);
      }
    };
    const clients = Array.from({ length: 8 }, client);
    for (let swap = 1; swap <= 6; swap += 1) {
      change(graphs[swap % 3]?.supergraphSdl ?? '');
      await until('the new schema serves', () => gateway.schemaStatus().generation > swap);
    }
    isOver = true;
    await Promise.all(clients);
    expect([...answers.keys()]).toEqual(['{"data":{"version":1}}']);
    expect(answers.get('{"data":{"version":1}}')).toBeGreaterThan(6);
    await until('the old schemas are closed', () => gateway.schemaStatus().retiring === 0);
    // Of the present one there may be a spare.
    await until('their threads are gone', () => running <= 2);
    expect(gateway.schemaStatus()).toMatchObject({ generation: 7, failures: 0 });
    await gateway.close(0);
    expect(running).toBe(0);
  }, 30_000);
});
