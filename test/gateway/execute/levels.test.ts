import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type PlannedFetch, toPlannedFetch } from '../../../gateway/execute/planned-fetch.ts';
import { groupByLevel } from '../../../gateway/execute/schedule/levels.ts';

const entityFetch = (index: number, subgraph: string): PlannedFetch =>
  toPlannedFetch(
    {
      kind: 'Fetch',
      serviceName: subgraph,
      operation: 'query($representations:[_Any!]!){_entities(representations:$representations){...on T{a}}}',
      operationKind: 'query' as never,
      operationName: undefined,
      requires: [],
    },
    [],
    index,
  );

/** Fetches of a few subgraphs; each may wait for some of those before it. */
const graphs = fc
  .array(fc.record({ subgraph: fc.constantFrom('a', 'b', 'c'), waits: fc.array(fc.nat(20), { maxLength: 3 }) }), {
    maxLength: 14,
  })
  .map((nodes) => {
    const fetches = nodes.map(({ subgraph }, index) => entityFetch(index, subgraph));
    const dependencies = new Map(
      fetches.map((fetch, index) => [
        fetch,
        [...new Set((nodes[index]?.waits ?? []).filter((other) => other < index))].map((other) => fetches[other]!),
      ]),
    );
    return { fetches, dependencies };
  });

it('puts each fetch on one level above all it waits for, in no more levels than the longest chain', () => {
  fc.assert(
    fc.property(graphs, ({ fetches, dependencies }) => {
      const levels = groupByLevel(fetches, dependencies);
      const levelOf = new Map(levels.flatMap((groups, level) => groups.flat().map((fetch) => [fetch, level] as const)));
      expect(levels.flat(2).sort((one, other) => one.index - other.index)).toEqual(fetches);
      for (const [fetch, waits] of dependencies)
        for (const other of waits) expect(levelOf.get(other)!).toBeLessThan(levelOf.get(fetch)!);
      for (const groups of levels) {
        const subgraphs = groups.map(([first]) => first?.subgraph);
        expect(new Set(subgraphs).size).toBe(subgraphs.length);
        for (const group of groups) expect(new Set(group.map(({ subgraph }) => subgraph)).size).toBe(1);
      }
      const chain = new Map<PlannedFetch, number>();
      for (const fetch of fetches)
        chain.set(fetch, 1 + Math.max(0, ...dependencies.get(fetch)!.map((other) => chain.get(other)!)));
      expect(levels.length).toBe(Math.max(0, ...chain.values()));
    }),
  );
});

it('lets a fetch join an earlier one of its subgraph that its slack reaches', () => {
  const [first, early, middle, last, free] = ['a', 'b', 'c', 'a', 'b'].map((name, index) =>
    entityFetch(index, name),
  ) as [PlannedFetch, PlannedFetch, PlannedFetch, PlannedFetch, PlannedFetch];
  const dependencies = new Map([
    [first, []],
    [early, [first]],
    [middle, [early]],
    [last, [middle]],
    [free, [first]],
  ]);
  expect(groupByLevel([first, early, middle, last, free], dependencies).map((groups) => groups.length)).toEqual([
    1, 1, 1, 1,
  ]);
});
