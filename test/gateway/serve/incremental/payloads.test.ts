import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DeferredPart, PendingPart } from '../../../../gateway/answer.ts';
import { type Payload, toPayloads } from '../../../../gateway/serve/incremental/payloads.ts';
import type { IncrementalForm } from '../../../../gateway/serve/negotiate.ts';

const announced = (id: string, label: string | null = null): PendingPart => ({ id, path: [id], label });

async function* from(
  parts: readonly ((Partial<DeferredPart> & { id: string }) | Error)[],
): AsyncGenerator<DeferredPart> {
  for (const part of parts) {
    if (part instanceof Error) throw part;
    yield { data: {}, errors: [], pending: [], ...part };
  }
}

async function payloads(
  form: IncrementalForm,
  pending: readonly PendingPart[],
  parts: Parameters<typeof from>[0],
  failures: unknown[] = [],
): Promise<Payload[]> {
  const all: Payload[] = [];
  const deferred = { pending, parts: from(parts) };
  for await (const payload of toPayloads({
    result: { data: { a: 1 } },
    deferred,
    form,
    onFailure: (error) => failures.push(error),
  }))
    all.push(payload);
  return all;
}

describe('payloads of nested parts', () => {
  const nested = [
    { id: 'a', data: { x: 1 }, pending: [announced('b', 'Inner')] },
    { id: 'b', data: { y: 2 }, errors: [{ message: 'e' }] },
  ];

  it('say in the older form where they belong', async () => {
    expect(await payloads('20220824', [announced('a')], nested)).toEqual([
      { data: { a: 1 }, hasNext: true },
      { incremental: [{ data: { x: 1 }, path: ['a'] }], hasNext: true },
      { incremental: [{ data: { y: 2 }, path: ['b'], label: 'Inner', errors: [{ message: 'e' }] }], hasNext: false },
    ]);
  });

  it('are announced in the current form together with the part they are in', async () => {
    expect(await payloads('v0.2', [announced('a')], nested)).toEqual([
      { data: { a: 1 }, pending: [{ id: 'a', path: ['a'] }], hasNext: true },
      {
        pending: [{ id: 'b', path: ['b'], label: 'Inner' }],
        incremental: [{ id: 'a', data: { x: 1 } }],
        completed: [{ id: 'a' }],
        hasNext: true,
      },
      {
        incremental: [{ id: 'b', data: { y: 2 }, errors: [{ message: 'e' }] }],
        completed: [{ id: 'b' }],
        hasNext: false,
      },
    ]);
  });
});

describe('a source that breaks', () => {
  const lost = [{ message: 'This part of the answer was lost.', extensions: { code: 'INTERNAL' } }];

  it.each([
    [
      '20220824',
      {
        incremental: [
          { data: null, path: ['b'], errors: lost },
          { data: null, path: ['c'], label: 'C', errors: lost },
        ],
      },
    ],
    [
      'v0.2',
      {
        completed: [
          { id: 'b', errors: lost },
          { id: 'c', errors: lost },
        ],
      },
    ],
  ] as const)('is told to clients of %s at every part they still wait for, and to us', async (form, last) => {
    const failures: unknown[] = [];
    const error = new Error('boom');
    const all = await payloads(
      form,
      [announced('a'), announced('b'), announced('c', 'C')],
      [{ id: 'a' }, error],
      failures,
    );
    expect([all.at(-1), failures]).toEqual([{ ...last, hasNext: false }, [error]]);
  });

  it('that ends too early is told as well', async () => {
    expect(await payloads('v0.2', [announced('a')], [])).toMatchObject([
      { hasNext: true },
      { completed: [{ id: 'a', errors: lost }], hasNext: false },
    ]);
  });
});

it('however parts are nested and ordered, exactly the last payload has none after it', async () => {
  // Each part announces some of the later ones; which are told in an order that respects that.
  const tree = fc.array(fc.nat({ max: 4 }), { minLength: 1, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(tree, fc.constantFrom<IncrementalForm>('20220824', 'v0.2'), async (parents, form) => {
      const ids = parents.map((_, index) => `p${index}`);
      const parentOf = (index: number) => (parents[index] ?? 0) % (index + 1);
      const isRoot = (index: number) => index === 0 || parentOf(index) === index;
      const childrenOf = (parent: number) =>
        ids.filter((_, index) => index > parent && !isRoot(index) && parentOf(index) === parent);
      const parts = ids.map((id, index) => ({ id, pending: childrenOf(index).map((child) => announced(child)) }));
      const all = await payloads(
        form,
        ids.filter((_, index) => isRoot(index)).map((id) => announced(id)),
        parts,
      );
      expect(all.map(({ hasNext }) => hasNext)).toEqual([...ids.map(() => true), false]);
      expect(JSON.stringify(all)).not.toContain('INTERNAL');
    }),
    { numRuns: 60 },
  );
});
