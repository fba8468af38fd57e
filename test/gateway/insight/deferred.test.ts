import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../../../gateway/engine.ts';
import { observeEngine } from '../../../gateway/insight/observed-engine.ts';
import type { LoggedOperation } from '../../../gateway/insight/operation-log.ts';
import { AppError } from '../../../lib/errors.ts';
import { contextOf, type EngineUnderTest, openEngine } from '../../support/federation-cases.ts';
import { createInProcessPlanner } from '../../support/federation-planner.ts';

describe('an operation of which parts come later', () => {
  const lines: LoggedOperation[] = [];
  const running = { count: 0 };
  let ours: EngineUnderTest;
  let engine: Engine;
  let isDown = false;
  beforeAll(async () => {
    ours = await openEngine(
      [
        {
          name: 'lists',
          sdl: 'type Query { item: Item } type Item @key(fields: "id") { id: ID! }',
          resolvers: { Query: { item: () => ({ id: 'i1' }) } },
        },
        {
          name: 'items',
          sdl: 'type Item @key(fields: "id") { id: ID! title: String }',
          resolvers: { Item: { title: () => 'One' } },
        },
      ],
      { planner: createInProcessPlanner },
    );
    ours.graph.intercept(({ subgraph }) => {
      if (isDown && subgraph === 'items') throw new AppError('SUBGRAPH_UNAVAILABLE', 'The service items is down.');
      return undefined;
    });
    engine = observeEngine(ours.engine, {
      registry: null,
      fetchMeter: null,
      nameOf: () => 'known',
      log: (line: LoggedOperation) => lines.push(line),
      explain: 'off',
      beginTrace: null,
      running,
    } as never);
  });
  afterAll(() => ours.engine.close());

  async function begin() {
    lines.length = 0;
    const request = { query: '{ item { id ... @defer { title } } }', incremental: true };
    const operation = await engine.prepare(request, null);
    return engine.execute(operation, contextOf(null));
  }

  it.each([
    ['ok', false, null],
    ['partial', true, 'SUBGRAPH_UNAVAILABLE'],
  ])('ends as %s once the last part has come, its errors and fetches counted', async (outcome, down, code) => {
    isDown = down;
    const answer = await begin();
    expect([lines, running.count]).toEqual([[], 1]);
    let parts = 0;
    for await (const part of answer.deferred?.parts ?? []) parts += part.data ? 1 : 0;
    expect(parts).toBe(1);
    expect(lines).toMatchObject([{ type: 'query', outcome, code }]);
    expect(running.count).toBe(0);
  });

  it('ends once nobody reads on', async () => {
    isDown = false;
    const answer = await begin();
    await answer.deferred?.parts[Symbol.asyncIterator]().return?.();
    expect([lines.length, running.count]).toEqual([1, 0]);
  });
});
