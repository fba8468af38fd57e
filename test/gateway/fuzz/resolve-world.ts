import { buildSubgraphSchema } from '@apollo/subgraph';
import { buildSchema, type ExecutionResult, execute, type GraphQLSchema, parse } from 'graphql';
import type { SubgraphTransport } from '../../../gateway/transport/transport.ts';
import { AppError } from '../../../lib/errors.ts';
import { withFederation } from '../../support/test-subgraphs.ts';
import { printPart, printWhole } from './print-world.ts';
import { type Faults, keyValue, type Located, locate, valueAt } from './values.ts';
import { type FieldModel, namedType, type World } from './world.ts';

interface Source extends Located {
  /** What the gateway said of the entity; absent where the subgraph itself came upon it. */
  readonly said?: Readonly<Record<string, unknown>>;
}
interface Info {
  readonly fieldName: string;
  readonly parentType: { readonly name: string };
}

/** Which field of the graph an object's field is. */
type Lookup = (type: string, field: string) => FieldModel | undefined;

function createLookup({ roots, entities, values }: World): Lookup {
  const fields = new Map<string, FieldModel>();
  for (const field of roots) fields.set(`Query.${field.name}`, field);
  for (const { name, fields: own } of [...entities, ...values])
    for (const field of own) fields.set(`${name}.${field.name}`, field);
  return (type, field) => fields.get(`${type}.${field}`);
}

const ROOT: Source = { __typename: 'Query', at: 'Query' };

/** The graph unsplit: what every answer is measured by. */
export function createWhole(world: World): { schema: GraphQLSchema; run: (given: Given) => Promise<ExecutionResult> } {
  const schema = buildSchema(printWhole(world));
  const lookup = createLookup(world);
  const resolve = (faults: Faults, on: Source, name: string, args: unknown): unknown => {
    const field = lookup(on.__typename, name);
    if (!field) return keyValue(name, on.at);
    const inputs = Object.keys(field.requires ?? {}).map((input) => JSON.stringify(resolve(faults, on, input, {})));
    return valueAt(world, faults, { field, on, args, required: inputs.join(), home: field.owners[0] ?? '' });
  };
  return {
    schema,
    run: async ({ query, variables, faults }) =>
      execute({
        schema,
        document: parse(query),
        variableValues: variables,
        fieldResolver: (source: Source | undefined, args, _, info) =>
          resolve(faults, source ?? ROOT, info.fieldName, args),
        typeResolver: ({ __typename }: Source) => __typename,
      }),
  };
}

/** An operation and what is wrong with the data while it runs. */
export interface Given {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly faults: Faults;
  /** A subgraph that does not answer. */
  readonly down?: string | null;
}

/** The subgraphs in this process. `set` says what is wrong from now on. */
export interface Parts {
  readonly transport: SubgraphTransport;
  set(given: Pick<Given, 'faults' | 'down'>): void;
}

/** Subgraphs of a world, each able to answer for what it owns only. */
export function createParts(world: World): Parts {
  const schemas = new Map(world.subgraphs.map((subgraph) => [subgraph, buildPart(world, subgraph)]));
  const lookup = createLookup(world);
  let state: Pick<Given, 'faults' | 'down'> = { faults: () => null };
  const answers = (subgraph: string) => (given: unknown, args: unknown, _: unknown, info: Info) => {
    const on = toSource(given);
    const field = lookup(on.__typename, info.fieldName);
    if (!field) return keyValue(info.fieldName, on.at);
    if (field.owners.length > 0 && !field.owners.includes(subgraph) && !isProvidedTo(world, subgraph, on, field))
      throw new Error(`${subgraph} does not own ${on.__typename}.${field.name}.`);
    const inputs = Object.keys(field.requires ?? {}).map((name) => {
      const told = on.said?.[name];
      if (told !== undefined) return JSON.stringify(told);
      const input = lookup(on.__typename, name);
      // Where the subgraph provides the input itself, the planner rightly sees no need to tell it.
      if (!input || !isProvidedTo(world, subgraph, on, input)) return 'not told';
      return JSON.stringify(valueAt(world, state.faults, { field: input, on, args: {}, required: '', home: subgraph }));
    });
    return valueAt(world, state.faults, { field, on, args, required: inputs.join(), home: subgraph });
  };
  return {
    set: (next) => {
      state = next;
    },
    transport: {
      async send({ subgraph, operation, variables }) {
        if (state.down === subgraph) throw new AppError('SUBGRAPH_UNAVAILABLE', `The service ${subgraph} is down.`);
        const { data, errors } = await execute({
          schema: schemas.get(subgraph) as GraphQLSchema,
          document: operation.document,
          variableValues: variables,
          fieldResolver: answers(subgraph) as never,
          typeResolver: ({ __typename }: Source) => __typename,
        });
        return {
          data: (data as Record<string, unknown>) ?? null,
          ...(errors ? { errors: errors.map((e) => e.toJSON()) } : {}),
        };
      },
      close: async () => {},
    },
  };
}

function buildPart(world: World, subgraph: string): GraphQLSchema {
  const own = world.abstracts.filter(({ asObject }) => asObject?.home === subgraph);
  const resolvers = Object.fromEntries(own.map(({ name }) => [name, { __resolveReference: locate }]));
  return buildSubgraphSchema([
    { typeDefs: parse(withFederation(printPart(world, subgraph))), resolvers: resolvers as never },
  ]);
}

function toSource(given: unknown): Source {
  if (given === undefined || given === null) return ROOT;
  if (typeof given === 'object' && 'at' in given) return given as Source;
  const said = given as Record<string, unknown>;
  return { ...locate(said), said };
}

function isProvidedTo(
  { roots, entities }: World,
  subgraph: string,
  { __typename }: Source,
  { name }: FieldModel,
): boolean {
  return [...roots, ...entities.flatMap(({ fields }) => fields)].some(
    ({ owners, type, provides }) =>
      owners.includes(subgraph) && namedType(type) === __typename && provides?.includes(name),
  );
}
