import type {
  DocumentNode,
  FragmentDefinitionNode,
  OperationDefinitionNode,
  SelectionNode,
  SelectionSetNode,
} from 'graphql';
import { Kind } from 'graphql';
import type { Limits } from '../options.ts';
import { rejection } from './rejection.ts';

/** What a selection asks once all fragments are expanded. Huge values are exact enough: they are only compared. */
interface Measure {
  readonly depth: number;
  readonly aliases: number;
  readonly fields: number;
  /** Fields and fragments: what inlining fragments costs. */
  readonly selections: number;
  /** What is asked about a type of the schema, roughly, wherever `__schema` and `__type` stand. */
  readonly introspection: number;
  /** The same of these selections, should they be about a type. */
  readonly aboutType: number;
}

const NOTHING: Measure = { depth: 0, aliases: 0, fields: 0, selections: 0, introspection: 0, aboutType: 0 };
/** A name is repeated in errors, logs and metrics. */
const NAME_LIMIT = 256;
const OPERATION_LIMIT = 100;
/** A field may stand in so many fragments on average. */
const FRAGMENTS_PER_FIELD = 10;
/** How many answers there are of what introspection can ask about one thing, roughly; one where nothing is said. */
const INTROSPECTED = new Map([
  ['fields', 12],
  ['args', 3],
  ['enumValues', 5],
  ['inputFields', 5],
  ['interfaces', 4],
  ['possibleTypes', 4],
  // Few types are wrapped, and hardly any thrice.
  ['ofType', 0.3],
]);
/** Answers for each type of the schema: twice as many as tools ask for. */
const INTROSPECTION_LIMIT = 1_000;
/** The fields that introspect, and of how much: `__type` is about one type, which is little beside all of them. */
const INTROSPECTIONS = new Map([
  ['__schema', 1],
  ['__type', 1 / 20],
]);

/**
 * Refuses documents over the limits. Each fragment is measured once, however often it is spread, so the work is linear in
 * the document. Runs before validation, which is quadratic in places. Throws OperationRejected.
 */
export function checkLimits(document: DocumentNode, limits: Limits): void {
  const operations = document.definitions.filter((node) => node.kind === Kind.OPERATION_DEFINITION);
  const fragments = document.definitions.filter((node) => node.kind === Kind.FRAGMENT_DEFINITION);
  refuseOver('operations', operations.length, OPERATION_LIMIT);
  refuseOver('fragments', fragments.length, limits.fields);
  for (const { name } of [...operations, ...fragments])
    refuseOver('characters in a name', name?.value.length ?? 0, NAME_LIMIT);
  const measure = createMeasure(fragments);
  for (const operation of operations) checkOperation(operation, measure, limits);
}

function checkOperation(
  operation: OperationDefinitionNode,
  measure: (set: SelectionSetNode) => Measure,
  limits: Limits,
): void {
  const { depth, aliases, fields, selections, introspection } = measure(operation.selectionSet);
  refuseOver('levels of depth', depth, limits.depth);
  refuseOver('aliases', aliases, limits.aliases);
  refuseOver('fields', fields, limits.fields);
  refuseOver('selections', selections, limits.fields * FRAGMENTS_PER_FIELD);
  refuseOver('introspected members of each type', introspection, INTROSPECTION_LIMIT);
}

function refuseOver(what: string, value: number, limit: number): void {
  if (value > limit)
    throw rejection('LIMIT_EXCEEDED', `The document is over the limit of ${limit} ${what}.`, { extensions: { limit } });
}

function createMeasure(fragments: readonly FragmentDefinitionNode[]): (set: SelectionSetNode) => Measure {
  const byName = new Map(fragments.map((fragment) => [fragment.name.value, fragment]));
  const known = new Map<string, Measure>();
  const open = new Set<string>();

  const measureFragment = (name: string): Measure => {
    const done = known.get(name);
    if (done) return done;
    const fragment = byName.get(name);
    // Validation says that it is unknown.
    if (!fragment) return NOTHING;
    if (open.has(name)) throw rejection('GRAPHQL_VALIDATION_FAILED', `Cannot spread fragment "${name}" within itself.`);
    open.add(name);
    const result = measureSet(fragment.selectionSet);
    open.delete(name);
    known.set(name, result);
    return result;
  };
  const measureSelection = (selection: SelectionNode): Measure => {
    if (selection.kind !== Kind.FIELD) {
      const below =
        selection.kind === Kind.INLINE_FRAGMENT
          ? measureSet(selection.selectionSet)
          : measureFragment(selection.name.value);
      return { ...below, selections: below.selections + 1 };
    }
    const below = selection.selectionSet ? measureSet(selection.selectionSet) : NOTHING;
    const name = selection.name.value;
    return {
      // Introspection nests deeply by nature; graphql-js has a rule of its own for it.
      depth: INTROSPECTIONS.has(name) ? 1 : below.depth + 1,
      aliases: below.aliases + (selection.alias ? 1 : 0),
      fields: below.fields + 1,
      selections: below.selections + 1,
      introspection: below.introspection + below.aboutType * (INTROSPECTIONS.get(name) ?? 0),
      aboutType: (INTROSPECTED.get(name) ?? 1) * (1 + below.aboutType),
    };
  };
  const measureSet = (set: SelectionSetNode): Measure => set.selections.map(measureSelection).reduce(both, NOTHING);
  return measureSet;
}

function both(one: Measure, other: Measure): Measure {
  return {
    depth: Math.max(one.depth, other.depth),
    aliases: one.aliases + other.aliases,
    fields: one.fields + other.fields,
    selections: one.selections + other.selections,
    introspection: one.introspection + other.introspection,
    aboutType: one.aboutType + other.aboutType,
  };
}
