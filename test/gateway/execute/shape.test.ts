import fc from 'fast-check';
import { buildSchema, Kind, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { createClientSelection } from '../../../gateway/execute/client-selection.ts';
import { createPlainShapers, NOT_PLAIN } from '../../../gateway/execute/codegen/shape.ts';
import { createErrorLog } from '../../../gateway/execute/error-log.ts';
import { createFailures } from '../../../gateway/execute/failures.ts';
import type { JsonRecord } from '../../../gateway/execute/record.ts';
import { shapeAnswer } from '../../../gateway/execute/shape.ts';

const schema = buildSchema(`
  type Query { thing: Thing things: [Thing!] must: Thing! any: Any anys: [[Any]] }
  type Thing { id: ID! name: String n: Int f: Float! b: Boolean level: Level json: JSON thing: Thing tags: [String!]! }
  type Other { id: ID! size: Int! }
  union Any = Thing | Other
  enum Level { LOW HIGH }
  scalar JSON`);
const QUERY = `query($on: Boolean!) {
  k: thing { __typename id name n f b level json t: thing { id } tags }
  things { id f @include(if: $on) name @skip(if: $on) }
  must { f }
  any { __typename ... on Thing { id f } ... on Other { size } }
  anys { ... on Other { id size } }
}`;

function shapeBoth(data: JsonRecord, on: boolean) {
  const [operation] = parse(QUERY).definitions;
  if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error('no operation');
  const nothing = {
    fragments: new Map(),
    denied: new Set<never>(),
    hiddenTypes: new Map(),
    inputNames: new Set<string>(),
  };
  const selection = createClientSelection({ schema, operation, ...nothing });
  const group = selection.forVariables({ on });
  const root = schema.getQueryType();
  if (!root) throw new Error('no root');
  const log = createErrorLog();
  const shaping = {
    schema,
    log,
    failures: createFailures(),
    hiddenTypes: new Map(),
    introspect: () => null,
    later: [],
  };
  const careful = shapeAnswer(group, root, data, shaping);
  const shaper = createPlainShapers(schema, new Map())(group, root);
  return { careful, errors: log.errors, plain: plainly(() => shaper?.(data)) };
}

function plainly(shape: () => unknown): unknown {
  try {
    return shape();
  } catch (error) {
    return error;
  }
}

/** Mostly right values, sometimes a null, nothing, or something else. */
const wrong = fc.constantFrom(null, undefined, 'x', 3, 1.5, true, {}, [], 'LOW', { __typename: 'Other' });
const mostly = <T>(right: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 30, arbitrary: right as fc.Arbitrary<unknown> }, { weight: 1, arbitrary: wrong });
const thing = fc.record({
  __typename: mostly(fc.constant('Thing')),
  id: mostly(fc.string()),
  name: mostly(fc.option(fc.string())),
  n: mostly(fc.integer({ min: -9, max: 9 })),
  f: mostly(fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.nat())),
  b: mostly(fc.boolean()),
  level: mostly(fc.constantFrom('LOW', 'HIGH')),
  json: fc.jsonValue(),
  thing: mostly(fc.record({ id: mostly(fc.constant('i')) })),
  tags: mostly(fc.array(mostly(fc.string()), { maxLength: 2 })),
});
const other = fc.record({ __typename: fc.constant('Other'), id: fc.constant('o'), size: mostly(fc.nat()) });
const any = mostly(fc.oneof(thing, other));
const answers = fc.record({
  thing: mostly(thing),
  k: mostly(thing),
  things: mostly(fc.array(mostly(thing), { maxLength: 3 })),
  must: mostly(thing),
  any,
  anys: mostly(fc.array(mostly(fc.array(any, { maxLength: 2 })), { maxLength: 2 })),
});

describe('generated shaping', () => {
  it('gives what careful shaping gives, and gives up where that has an error to tell', () => {
    let plainAnswers = 0;
    fc.assert(
      fc.property(answers, fc.boolean(), (data, on) => {
        const { careful, errors, plain } = shapeBoth(data as JsonRecord, on);
        if (plain === NOT_PLAIN) return;
        plainAnswers += 1;
        expect(errors).toEqual([]);
        expect(JSON.stringify(plain)).toBe(JSON.stringify(careful));
      }),
      { numRuns: 500 },
    );
    expect(plainAnswers).toBeGreaterThan(100);
  });

  it('gives up for a null that has to be told', () => {
    expect(shapeBoth({ must: null }, true).plain).toBe(NOT_PLAIN);
  });

  it('leaves data alone', () => {
    const data = { must: Object.freeze({ f: 1 }), thing: null };
    expect(shapeBoth(data, true).plain).toEqual({ k: null, things: null, must: { f: 1 }, any: null, anys: null });
  });
});
