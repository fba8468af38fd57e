import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { createEngine } from '../../../gateway/create-engine.ts';
import { type OperationContext, OperationRejected } from '../../../gateway/engine.ts';
import { createLiveEngine, type LiveEngine } from '../../../gateway/live/live-engine.ts';
import { createFrozenClock } from '../../../lib/clock.ts';
import type { AppError } from '../../../lib/errors.ts';
import { silentLogger } from '../../../lib/logger.ts';
import { createInProcessPlanner } from '../../support/federation-planner.ts';
import { graphOfVersion } from './versions.ts';

const context = (): OperationContext => ({
  identity: null,
  requestId: 'r1',
  signal: new AbortController().signal,
});
const graphs = [1, 2, 3, 4].map((number) => graphOfVersion(number));
const sdl = (number: number) => graphs[number - 1]?.supergraphSdl ?? '';
const engines: LiveEngine[] = [];
afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.close();
});

function open(options: { graceMs?: number; lingerMs?: number } = {}) {
  const [opened, closed, errors]: [string[], number[], AppError[]] = [[], [], []];
  const live = createLiveEngine({
    async build(supergraph) {
      opened.push(supergraph);
      const number = graphs.findIndex((graph) => graph.supergraphSdl === supergraph) + 1;
      const transport = graphs[number - 1]?.transport ?? graphs[0]?.transport;
      if (!transport) throw new Error('no graph');
      const engine = await createEngine({ supergraph, transport, planner: createInProcessPlanner });
      return {
        engine,
        close: async () => {
          closed.push(number);
          await engine.close();
        },
      };
    },
    onSchemaError: (error) => errors.push(error),
    clock: createFrozenClock(1_000),
    logger: silentLogger,
    lingerMs: 20,
    ...options,
  });
  engines.push(live);
  return { live, opened, closed, errors };
}

async function ask(live: LiveEngine, query: string) {
  const operation = await live.prepare({ query }, null);
  return (await live.execute(operation, context())).result;
}

describe('a live engine', () => {
  it('refuses with SCHEMA_UNAVAILABLE until it has a schema', async () => {
    const { live } = open();
    const refused = await live.prepare({ query: '{ version }' }, null).catch((error) => error);
    expect(refused).toBeInstanceOf(OperationRejected);
    expect([refused.status, refused.errors[0].extensions.code]).toEqual([503, 'SCHEMA_UNAVAILABLE']);
    expect(live.status()).toMatchObject({ generation: 0, since: null, hash: null });
    expect(await live.swap(sdl(1))).toBe('swapped');
    expect(await ask(live, '{ version }')).toEqual({ data: { version: 1 } });
    expect(live.status()).toMatchObject({ generation: 1, since: 1_000, failures: 0, failure: null });
  });

  it('serves what comes after a swap with the new schema', async () => {
    const { live } = open();
    await live.swap(sdl(1));
    expect(await ask(live, '{ only1 }')).toEqual({ data: { only1: 1 } });
    await live.swap(sdl(2));
    expect(await ask(live, '{ only2 }')).toEqual({ data: { only2: 2 } });
    await expect(live.prepare({ query: '{ only1 }' }, null)).rejects.toBeInstanceOf(OperationRejected);
    expect(live.supergraphSdl).toBe(sdl(2));
    expect(Object.keys(live.schema.getQueryType()?.getFields() ?? {})).toContain('only2');
  });

  it('lets an operation end on the schema that prepared it, then closes that', async () => {
    const { live, closed } = open();
    await live.swap(sdl(1));
    const operation = await live.prepare({ query: '{ slow only1 }' }, null);
    const answer = live.execute(operation, context());
    await live.swap(sdl(2));
    expect([live.status().retiring, closed]).toEqual([1, []]);
    expect((await answer).result).toEqual({ data: { slow: 1, only1: 1 } });
    await delay(60);
    expect([live.status().retiring, closed]).toEqual([0, [1]]);
  });

  it('closes an old schema after the grace time even when something still runs on it', async () => {
    const { live, closed } = open({ graceMs: 10 });
    await live.swap(sdl(1));
    const operation = await live.prepare({ query: '{ slow }' }, null);
    const answer = live.execute(operation, context());
    await live.swap(sdl(2));
    await delay(30);
    expect(closed).toEqual([1]);
    await answer;
  });

  it('prepares an operation anew when its schema is gone before it runs', async () => {
    const { live, closed } = open({ lingerMs: 0 });
    await live.swap(sdl(1));
    const [valid, gone] = await Promise.all([
      live.prepare({ query: '{ version }' }, null),
      live.prepare({ query: '{ only1 }' }, null),
    ]);
    await live.swap(sdl(2));
    await delay(20);
    expect(closed).toEqual([1]);
    expect((await live.execute(valid, context())).result).toEqual({ data: { version: 2 } });
    const { errors } = (await live.execute(gone, context())).result;
    expect(errors?.[0]?.extensions['code']).toBe('GRAPHQL_VALIDATION_FAILED');
  });

  it.each([
    ['no GraphQL', 'type {'],
    ['the schema of one subgraph', 'type Query { a: Int }'],
  ])('refuses %s, reports it and serves on', async (_, text) => {
    const { live, errors } = open();
    await live.swap(sdl(1));
    await expect(live.swap(text)).rejects.toMatchObject({ code: 'SUPERGRAPH_INVALID' });
    expect(errors.map(({ code }) => code)).toEqual(['SUPERGRAPH_INVALID']);
    expect(live.status()).toMatchObject({ generation: 1, failures: 1, failure: { at: 1_000 } });
    expect(await ask(live, '{ version }')).toEqual({ data: { version: 1 } });
    expect(await live.swap(sdl(2))).toBe('swapped');
    expect(live.status()).toMatchObject({ generation: 2, failures: 1, failure: null });
  });

  it('makes nothing new of the schema it has, and passes over those that a newer one has overtaken', async () => {
    const { live, opened } = open();
    await live.swap(sdl(1));
    const outcomes = await Promise.all([live.swap(sdl(1)), live.swap(sdl(2)), live.swap(sdl(3)), live.swap(sdl(4))]);
    expect(outcomes).toEqual(['superseded', 'superseded', 'superseded', 'swapped']);
    expect(await live.swap(sdl(4))).toBe('unchanged');
    expect(opened).toEqual([sdl(1), sdl(4)]);
  });

  it('tells of every swap but the first, when the new schema serves already', async () => {
    const { live } = open();
    const seen: string[] = [];
    await live.swap(sdl(1));
    const stop = live.onSchemaChange(() => seen.push(live.supergraphSdl));
    await live.swap(sdl(2));
    await live.swap(sdl(2));
    stop();
    await live.swap(sdl(3));
    expect(seen).toEqual([sdl(2)]);
  });

  it('renews an operation on the present schema, and hands back what is of it already', async () => {
    const { live } = open();
    await live.swap(sdl(1));
    const [kept, broken] = await Promise.all([
      live.prepare({ query: '{ version }' }, null),
      live.prepare({ query: '{ only1 }' }, null),
    ]);
    expect(await live.renew(kept, context())).toBe(kept);
    await live.swap(sdl(2));
    const renewed = await live.renew(kept, context());
    expect((await live.execute(renewed, context())).result).toEqual({ data: { version: 2 } });
    await expect(live.renew(broken, context())).rejects.toBeInstanceOf(OperationRejected);
  });

  it('closes all it has opened, also what is built while it closes', async () => {
    const { live, opened, closed } = open();
    await live.swap(sdl(1));
    const building = live.swap(sdl(2));
    await live.close();
    expect(await building).toBe('superseded');
    expect(await live.swap(sdl(3))).toBe('superseded');
    expect(closed.sort()).toEqual(opened.map((_, index) => index + 1));
  });

  it('answers thousands of operations without one failure while the schema is swapped', async () => {
    const { live, closed } = open();
    await live.swap(sdl(1));
    let swaps = 0;
    let isOver = false;
    const swapping = (async () => {
      for (let number = 2; !isOver; number = (number % 4) + 1) {
        await delay(50);
        if ((await live.swap(sdl(number))) === 'swapped') swaps += 1;
      }
    })();
    const failures: unknown[] = [];
    let answered = 0;
    const client = async () => {
      while (!isOver) {
        const { data, errors } = await ask(live, '{ version thing(id: "t1") { name price } }');
        const { version, thing } = data as { version: number; thing: { name: string; price: number } };
        if (errors || thing.price !== 100 + version || thing.name !== 'thing t1') failures.push({ data, errors });
        answered += 1;
        await new Promise(setImmediate);
      }
    };
    const clients = Array.from({ length: 20 }, client);
    await delay(3_000);
    isOver = true;
    await Promise.all([swapping, ...clients]);
    await delay(60);
    expect(failures).toEqual([]);
    expect(answered).toBeGreaterThan(1_000);
    expect(swaps).toBeGreaterThan(5);
    expect(closed).toHaveLength(swaps);
  }, 20_000);
});
