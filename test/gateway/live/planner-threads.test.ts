import { readdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createGateway } from '../../../gateway/create-gateway.ts';
import type { SupergraphSource } from '../../../gateway/supergraph/sources/source.ts';
import { until } from '../../support/until.ts';
import { graphOfVersion } from './versions.ts';

const graphs = [1, 2, 3].map((number) => graphOfVersion(number));

/** Threads of this process, where the system tells (Linux). */
const threads = () => readdirSync('/proc/self/task').length;

describe.skipIf(process.platform !== 'linux')('the planner threads of a gateway', () => {
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
    const gateway = await createGateway({ supergraph: source, transport });
    const { url } = await gateway.listen({ host: '127.0.0.1', port: 0 });
    const ask = async () => {
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(`${url}/graphql`, { method: 'POST', headers, body: '{"query":"{ version }"}' });
      return answer.json();
    };
    expect(await ask()).toEqual({ data: { version: 1 } });
    const before = threads();
    for (let swap = 1; swap <= 3; swap += 1) {
      change(graphs[swap % 3]?.supergraphSdl ?? '');
      while (gateway.schemaStatus().generation <= swap) {
        expect(await ask()).toEqual({ data: { version: 1 } });
        await delay(5);
      }
    }
    await until('the old schemas are closed', () => gateway.schemaStatus().retiring === 0);
    await until('their threads are gone', () => threads() <= before + 1);
    expect(gateway.schemaStatus()).toMatchObject({ generation: 4, failures: 0 });
    await gateway.close(0);
  });
});
