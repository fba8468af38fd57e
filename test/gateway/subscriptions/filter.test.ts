import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkCondition, createFilter } from '../../../gateway/subscriptions/filter.ts';
import type { TemplateScope } from '../../../gateway/subscriptions/template.ts';
import type { FilterCondition } from '../../../gateway/supergraph/event-sources.ts';

const IN = (fieldPath: string, ...values: unknown[]): FilterCondition => ({ IN: { fieldPath, values } });
const scope = (args: Record<string, unknown> = {}, claims: Record<string, unknown> = {}): TemplateScope => ({
  args,
  claims,
});
const holds = (condition: FilterCondition, payload: unknown, given = scope()) =>
  createFilter(condition, given)(payload);

describe('a filter', () => {
  it.each<[string, FilterCondition, unknown, TemplateScope, boolean]>([
    ['a literal', IN('status', 'paid'), { status: 'paid' }, scope(), true],
    ['another value', IN('status', 'paid'), { status: 'open' }, scope(), false],
    ['one of several', IN('status', 'open', 'paid'), { status: 'paid' }, scope(), true],
    ['a nested path', IN('a.b.c', 1), { a: { b: { c: 1 } } }, scope(), true],
    ['an ID argument and a number', IN('id', '{{ args.id }}'), { id: 1 }, scope({ id: '1' }), true],
    ['a number argument and a text', IN('id', '{{args.id}}'), { id: '1' }, scope({ id: 1 }), true],
    ['a boolean', IN('live', true), { live: 'true' }, scope(), true],
    ['null and null', IN('end', null), { end: null }, scope(), true],
    ['null and a text "null"', IN('end', 'null'), { end: null }, scope(), false],
    ['a path that is missing', IN('gone', 'x'), {}, scope(), false],
    ['a path that is missing, negated', { NOT: IN('gone', 'x') }, {}, scope(), true],
    ['an inherited property', IN('constructor.name', 'Object'), {}, scope(), false],
    ['an object at the path', IN('a', 'x'), { a: { x: 1 } }, scope(), false],
    ['a member of a list payload', IN('changed', 'status'), { changed: ['name', 'status'] }, scope(), true],
    ['a list argument', IN('id', '{{ args.ids }}'), { id: 'b' }, scope({ ids: ['a', 'b'] }), true],
    ['an empty list argument', IN('id', '{{ args.ids }}'), { id: 'b' }, scope({ ids: [] }), false],
    ['a nested argument', IN('id', '{{ args.where.id }}'), { id: 'b' }, scope({ where: { id: 'b' } }), true],
    ['text around a template', IN('id', 'a-{{ args.id }}-z'), { id: 'a-1-z' }, scope({ id: 1 }), true],
    ['text around a list', IN('id', 'a{{ args.ids }}'), { id: 'a2' }, scope({ ids: [1, 2] }), true],
    ['an absent argument', IN('id', '{{ args.id }}'), { id: 'b' }, scope(), true],
    ['a null argument', IN('id', '{{ args.id }}'), { id: 'b' }, scope({ id: null }), true],
    ['an absent argument, negated', { NOT: IN('id', '{{ args.id }}') }, { id: 'b' }, scope(), true],
    ['an absent argument beside a literal', IN('id', '{{ args.id }}', 'a'), { id: 'b' }, scope(), false],
    ['a claim', IN('owner', '{{ claims.sub }}'), { owner: 'ada' }, scope({}, { sub: 'ada' }), true],
    [
      'a claim that is a list',
      IN('team', '{{ claims.roles }}'),
      { team: 'sales' },
      scope({}, { roles: ['sales'] }),
      true,
    ],
    ['an absent claim', IN('owner', '{{ claims.sub }}'), { owner: 'ada' }, scope(), false],
    ['an absent claim, negated', { NOT: IN('owner', '{{ claims.sub }}') }, { owner: 'ada' }, scope(), false],
    ['an absent claim beside what holds', { OR: [IN('o', '{{ claims.sub }}'), IN('s', 1)] }, { s: 1 }, scope(), true],
  ])('on %s', (_name, condition, payload, given, expected) => {
    expect(holds(condition, payload, given)).toBe(expected);
  });

  it('lets everything through without a condition', () => {
    expect(createFilter(null, scope())({})).toBe(true);
  });

  it('agrees with a plain reading of AND, OR, NOT and IN', () => {
    const value = fc.constantFrom<unknown>('a', 'b', 1, '1', 2, true, null);
    const leaf = fc.record({ fieldPath: fc.constantFrom('x', 'y', 'n.z'), values: fc.array(value, { maxLength: 3 }) });
    const { condition } = fc.letrec<{ condition: FilterCondition }>((tie) => ({
      condition: fc.oneof(
        { maxDepth: 4 },
        leaf.map((part): FilterCondition => ({ IN: part })),
        fc.array(tie('condition'), { minLength: 1, maxLength: 3 }).map((AND): FilterCondition => ({ AND })),
        fc.array(tie('condition'), { minLength: 1, maxLength: 3 }).map((OR): FilterCondition => ({ OR })),
        tie('condition').map((NOT): FilterCondition => ({ NOT })),
      ),
    }));
    const payload = fc.record(
      { x: value, y: value, n: fc.record({ z: value }, { requiredKeys: [] }) },
      { requiredKeys: [] },
    );
    const read = (from: Record<string, never>, path: string): unknown =>
      path.split('.').reduce<Record<string, never> | undefined>((at, step) => at?.[step], from);
    const same = (left: unknown, right: unknown) =>
      left === null || right === null ? left === right : `${left}` === `${right}`;
    const oracle = ({ AND, OR, NOT, IN: part }: FilterCondition, from: Record<string, never>): boolean => {
      if (AND) return AND.filter((one) => !oracle(one, from)).length === 0;
      if (OR) return OR.filter((one) => oracle(one, from)).length > 0;
      if (NOT) return !oracle(NOT, from);
      const found = read(from, part?.fieldPath ?? '');
      return found !== undefined && (part?.values ?? []).some((one) => same(one, found));
    };
    fc.assert(
      fc.property(condition, payload, (one, from) => holds(one, from) === oracle(one, from as Record<string, never>)),
      { numRuns: 2_000 },
    );
  });
});

describe('checking a filter', () => {
  const nested = (depth: number): FilterCondition => (depth === 1 ? IN('a', 1) : { NOT: nested(depth - 1) });
  it.each<[string, FilterCondition]>([
    ['six levels', nested(6)],
    ['six conditions in a list', { OR: Array.from({ length: 6 }, () => IN('a', 1)) }],
    ['an empty list', { AND: [] }],
    ['nothing at all', {}],
    ['a template of neither args nor claims', IN('a', '{{ env.SECRET }}')],
    ['an open template', IN('a', '{{ args.a')],
    ['a template without a path', IN('a', '{{ args }}')],
  ])('refuses %s', (_name, condition) => {
    expect(() => checkCondition(condition)).toThrow(expect.objectContaining({ code: 'SUPERGRAPH_INVALID' }));
  });

  it('takes five levels and five conditions', () => {
    expect(() => checkCondition(nested(5))).not.toThrow();
    expect(() =>
      checkCondition({ AND: Array.from({ length: 5 }, () => IN('a', '{{ claims.tenant }}')) }),
    ).not.toThrow();
  });
});
