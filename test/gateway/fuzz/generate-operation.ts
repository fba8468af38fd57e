import {
  type GraphQLArgument,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
} from 'graphql';
import { type Choices, createChoices } from './choices.ts';

/** An operation as a client sends it. */
export interface Operation {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** What an operation may contain. */
export interface OperationProfile {
  /** Whether fragments are deferred; the operation without is the same text without `@defer`. */
  readonly defer?: boolean;
  /** The root field everything is asked of, as `it`. @default any */
  readonly root?: string;
}

const ALIASES = ['a', 'b', 'id', 'n0', 'r0', 'e0f0', 'sku', '__typename_'];

/** A random operation, read from `numbers`. Nearly all are valid; those whose aliases collide are not. */
export function generateOperation(
  schema: GraphQLSchema,
  numbers: readonly number[],
  profile: OperationProfile = {},
): Operation {
  const choices = createChoices(numbers);
  const writer = createWriter(schema, choices, profile);
  const variables: Record<string, unknown> = { on: choices.chance(50), off: choices.chance(30) };
  const query = schema.getQueryType() as GraphQLObjectType;
  const { root } = profile;
  const about = root ? (getNamedType(query.getFields()[root]?.type) as GraphQLCompositeType) : query;
  const selection = writer.set(about, 4 + choices.pick(2));
  const given = writer.given();
  const definitions = ['$on: Boolean!', '$off: Boolean = true', ...given.map(({ text }) => text)].join(', ');
  for (const { name, value } of given) if (value !== undefined) variables[name] = value;
  // Both conditions are used, so that both variables are.
  const used = 'used: __typename @skip(if: $on) used: __typename @include(if: $off)';
  const below = `{ ${used} ${selection.slice(1)}`;
  const body = root ? `{ it: ${root} ${below} }` : below;
  return { query: [`query(${definitions}) ${body}`, ...writer.fragments()].join('\n'), variables };
}

function createWriter(schema: GraphQLSchema, choices: Choices, { defer = false }: OperationProfile) {
  const fragments: { name: string; on: string; text: string }[] = [];
  const inputs = createInputWriter(choices);
  let fresh = 0;
  const condition = () =>
    choices.chance(12)
      ? choices.oneOf([' @include(if: $on)', ' @skip(if: $on)', ' @skip(if: $off)', ' @include(if: true)'])
      : '';
  const deferral = () => (defer && choices.chance(50) ? ' @defer' : '');

  const field = (type: GraphQLCompositeType, depth: number): string => {
    if (isUnionType(type) || choices.chance(8)) return choices.chance(30) ? 't: __typename' : '__typename';
    const all = Object.values(type.getFields());
    const fields = depth > 0 ? all : all.filter((candidate) => !isCompositeType(getNamedType(candidate.type)));
    const selected = choices.oneOf(fields.length > 0 ? fields : []) as GraphQLField<unknown, unknown> | undefined;
    if (!selected) return '__typename';
    const below = getNamedType(selected.type);
    const args = inputs.args(selected.args);
    return `${alias(args !== '')}${selected.name}${args}${condition()}${isCompositeType(below) ? ` ${set(below, depth - 1)}` : ''}`;
  };
  const alias = (hasArguments: boolean): string => {
    fresh += 1;
    if (hasArguments || choices.chance(10)) return `x${fresh}: `;
    return choices.chance(8) ? `${choices.oneOf(ALIASES)}: ` : '';
  };
  const fragment = (type: GraphQLCompositeType, depth: number): string => {
    const fitting = typesFor(schema, type);
    const on = choices.oneOf(fitting);
    const kind = choices.pick(4);
    if (kind === 0) return `...${condition()}${deferral()} ${set(type, depth)}`;
    if (kind < 3) return `... on ${on.name}${condition()}${deferral()} ${set(on as GraphQLCompositeType, depth)}`;
    const known = fragments.filter((candidate) => fitting.some(({ name }) => name === candidate.on));
    if (known.length > 0 && choices.chance(40)) return `...${choices.oneOf(known).name}${condition()}`;
    const text = set(on as GraphQLCompositeType, depth);
    fragments.push({ name: `F${fragments.length}`, on: on.name, text });
    return `...F${fragments.length - 1}${condition()}${deferral()}`;
  };
  const set = (type: GraphQLCompositeType, depth: number): string => {
    const likely = isAbstractType(type) ? 65 : defer ? 35 : 15;
    const parts = Array.from({ length: 1 + choices.pick(depth > 2 ? 4 : 3) }, () =>
      depth > 0 && choices.chance(likely) ? fragment(type, depth - 1) : field(type, depth),
    );
    return `{ ${parts.join(' ')} }`;
  };
  return {
    set,
    given: inputs.given,
    fragments: () => fragments.map(({ name, on, text }) => `fragment ${name} on ${on} ${text}`),
  };
}

/** Types a fragment on `type` may be about: itself, its members, and interfaces that overlap with it. */
function typesFor(schema: GraphQLSchema, type: GraphQLCompositeType): GraphQLNamedType[] {
  const members = isAbstractType(type) ? schema.getPossibleTypes(type) : [type];
  const wider = Object.values(schema.getTypeMap()).filter(
    (other) => isInterfaceType(other) && schema.getPossibleTypes(other).some((member) => members.includes(member)),
  );
  return [type, ...members, ...wider.filter((other) => isAbstractType(type) || isObjectType(type) || other === type)];
}

interface GivenVariable {
  readonly name: string;
  /** Its definition. */
  readonly text: string;
  /** Undefined: not sent. */
  readonly value: unknown;
}

function createInputWriter(choices: Choices) {
  const given: GivenVariable[] = [];

  const variable = (type: GraphQLInputType): string => {
    const name = `v${given.length}`;
    const nullable = !isNonNullType(type);
    const absent = nullable && choices.chance(20);
    const fallback = nullable && choices.chance(25) ? ` = ${printValue(value(type, 1), type)}` : '';
    given.push({ name, text: `$${name}: ${type}${fallback}`, value: absent ? undefined : value(type, 1) });
    return `$${name}`;
  };
  const value = (type: GraphQLInputType, depth: number): unknown => {
    if (isNonNullType(type)) return there(type.ofType, depth);
    return choices.chance(12) ? null : there(type, depth);
  };
  const there = (type: GraphQLInputType, depth: number): unknown => {
    if (isListType(type)) return Array.from({ length: choices.pick(3) }, () => value(type.ofType, depth));
    if (isEnumType(type)) return choices.oneOf(type.getValues()).name;
    if (!isInputObjectType(type)) return scalar(getNamedType(type).name);
    const fields = Object.values(type.getFields()).filter(
      (field) => (depth > 0 || !isInputObjectType(getNamedType(field.type))) && choices.chance(50),
    );
    return Object.fromEntries(fields.map((field) => [field.name, value(field.type, depth - 1)]));
  };
  const scalar = (name: string): unknown => {
    const number = choices.pick(50);
    const kinds: Record<string, unknown> = {
      Int: number,
      Float: number / 4,
      Boolean: number % 2 === 0,
      Json: { k: [number] },
    };
    return kinds[name] ?? `t${number}`;
  };
  const literal = (type: GraphQLInputType): string => {
    const inner = isNonNullType(type) ? type.ofType : type;
    if (isListType(inner) && choices.chance(30)) return `[${literal(inner.ofType)}]`;
    if (choices.chance(35)) return variable(type);
    return printValue(value(type, 1), inner);
  };
  const args = (list: readonly GraphQLArgument[]): string => {
    const required = (arg: GraphQLArgument) => isNonNullType(arg.type) && arg.defaultValue === undefined;
    const texts = list
      .filter((arg) => required(arg) || choices.chance(60))
      .map((arg) => `${arg.name}: ${literal(arg.type)}`);
    return texts.length > 0 ? `(${texts.join(', ')})` : '';
  };
  return { args, given: () => given };
}

/** A JSON value as a literal of its type; enums have no quotes. */
function printValue(value: unknown, type: GraphQLInputType): string {
  const inner = isNonNullType(type) ? type.ofType : type;
  if (value === null || value === undefined) return 'null';
  if (isEnumType(inner)) return String(value);
  if (isListType(inner)) return `[${(value as unknown[]).map((item) => printValue(item, inner.ofType)).join(', ')}]`;
  if (!isInputObjectType(inner)) return toLiteral(value);
  const fields = inner.getFields();
  return `{ ${Object.entries(value as object)
    .map(([name, item]) => `${name}: ${printValue(item, (fields[name] as { type: GraphQLInputType }).type)}`)
    .join(', ')} }`;
}

function toLiteral(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(toLiteral).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{ ${Object.entries(value)
    .map(([name, item]) => `${name}: ${toLiteral(item)}`)
    .join(', ')} }`;
}
