import {
  type GraphQLCompositeType,
  type GraphQLLeafType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isEnumType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isSpecifiedScalarType,
} from 'graphql';
import type { SelectedField, SelectionGroup } from '../client-selection.ts';
import { completeLeaf, NOT_A_LEAF } from '../leaf.ts';
import type { JsonRecord } from '../record.ts';
import { compileSource, isRecordSource, literal, literalKey, readKey, type Source } from './source.ts';

/** Shapes objects of one type for one selection, in the order of the selection. Throws `NOT_PLAIN`. */
export type PlainShaper = (source: JsonRecord) => JsonRecord;

/** Thrown where a value is not of its type or a null stands where none may: there errors have to be told, with paths. */
export const NOT_PLAIN = Symbol('not a plain answer');

/** What a generated function refers to, by index. */
interface Generated {
  readonly schema: GraphQLSchema;
  readonly hiddenTypes: ReadonlyMap<string, readonly string[]>;
  readonly shaperOf: (group: SelectionGroup, type: GraphQLObjectType) => PlainShaper | null;
  readonly bound: unknown[];
  /** Functions declared so far. */
  readonly functions: Source[];
}

/**
 * Compiles shapers of plain answers: every value of its type, nulls only where they may be and without an error to explain
 * them. Null for a selection that holds more than data (introspection).
 */
export function createPlainShapers(
  schema: GraphQLSchema,
  hiddenTypes: Generated['hiddenTypes'],
): (group: SelectionGroup, type: GraphQLObjectType) => PlainShaper | null {
  const known = new WeakMap<SelectionGroup, Map<string, PlainShaper | null>>();
  const shaperOf = (group: SelectionGroup, type: GraphQLObjectType): PlainShaper | null => {
    const ofGroup = known.get(group) ?? new Map<string, PlainShaper | null>();
    known.set(group, ofGroup);
    const made = ofGroup.get(type.name);
    if (made !== undefined) return made;
    const shaper = compile({ schema, hiddenTypes, shaperOf, bound: [], functions: [] }, group, type);
    ofGroup.set(type.name, shaper);
    return shaper;
  };
  return shaperOf;
}

function compile(generated: Generated, group: SelectionGroup, type: GraphQLObjectType): PlainShaper | null {
  const name = objectFunction(generated, group, type);
  if (name === null) return null;
  const notPlain = () => {
    throw NOT_PLAIN;
  };
  const leaf = (leafType: GraphQLLeafType, value: unknown) => {
    const completed = completeLeaf(leafType, value);
    return completed === NOT_A_LEAF ? notPlain() : completed;
  };
  const source = `(function () { ${generated.functions.join('\n')} return ${name}; })()`;
  return compileSource<PlainShaper>(source, { bound: generated.bound, notPlain, leaf });
}

/** Declares the function that shapes objects of a type; its name, or null for what cannot be generated. */
function objectFunction(generated: Generated, group: SelectionGroup, type: GraphQLObjectType): string | null {
  const fields = group.fieldsOn(type);
  const values: Source[] = [];
  for (const [index, field] of fields.entries()) {
    const value = fieldStatement(generated, field, index);
    if (value === null) return null;
    values.push(value);
  }
  const members = fields.map(
    (field, index) => `${literalKey(field.key)}: ${field.name === '__typename' ? literal(type.name) : `f${index}`}`,
  );
  return declare(generated, `(o) { ${values.join('\n')} return { ${members.join(', ')} }; }`);
}

function declare({ functions }: Generated, rest: Source): string {
  const name = `s${functions.length}`;
  functions.push(`function ${name}${rest}`);
  return name;
}

/** Declares `f<index>` with the shaped value of a field of `o`. */
function fieldStatement(generated: Generated, field: SelectedField, index: number): Source | null {
  if (field.name === '__typename') return '';
  if (field.name.startsWith('__')) return null;
  const variable = `f${index}`;
  if (field.denied) return isNonNullType(field.type) ? 'notPlain();' : `const ${variable} = null;`;
  const complete = valueStatement(generated, field, field.type, variable);
  return complete === null ? null : `let ${variable} = ${readKey('o', field.source)}; ${complete}`;
}

/** A statement that replaces the value in `variable` by its shape. */
function valueStatement(
  generated: Generated,
  field: SelectedField,
  type: GraphQLOutputType,
  variable: string,
): Source | null {
  const nullable = isNonNullType(type) ? type.ofType : type;
  const whenNull = isNonNullType(type) ? 'notPlain();' : `${variable} = null;`;
  const complete = presentStatement(generated, field, nullable, variable);
  return complete && `if (${variable} === undefined || ${variable} === null) ${whenNull} else { ${complete} }`;
}

function presentStatement(
  generated: Generated,
  field: SelectedField,
  type: GraphQLOutputType,
  variable: string,
): Source | null {
  if (isListType(type)) return listStatement(generated, field, type.ofType, variable);
  if (isLeafType(type)) return leafStatement(generated, type, variable) || ';';
  if (isNonNullType(type) || !field.below) return null;
  const shaped = isObjectType(type)
    ? objectFunction(generated, field.below, type)
    : abstractFunction(generated, field.below, type);
  return shaped && `${variable} = ${isRecordSource(variable)} ? ${shaped}(${variable}) : notPlain();`;
}

function listStatement(
  generated: Generated,
  field: SelectedField,
  item: GraphQLOutputType,
  variable: string,
): Source | null {
  const complete = valueStatement(generated, field, item, 'v');
  if (complete === null) return null;
  const list = declare(
    generated,
    `(a) {
      const shaped = [];
      for (let i = 0; i < a.length; i += 1) { let v = a[i]; ${complete} shaped.push(v); }
      return shaped;
    }`,
  );
  return `${variable} = Array.isArray(${variable}) ? ${list}(${variable}) : notPlain();`;
}

/** Nothing for a value that is right as it is. */
function leafStatement(generated: Generated, type: GraphQLLeafType, variable: string): Source {
  const isRight = leafCheck(generated, type, variable);
  return isRight === null ? '' : `if (!(${isRight})) ${variable} = leaf(${bind(generated, type)}, ${variable});`;
}

/** A condition under which a value needs no coercion; null when none ever does. */
function leafCheck(generated: Generated, type: GraphQLLeafType, variable: string): Source | null {
  if (isEnumType(type)) return `${bind(generated, new Set(type.getValues().map(({ name }) => name)))}.has(${variable})`;
  if (!isSpecifiedScalarType(type)) return null;
  if (type.name === 'Boolean') return `typeof ${variable} === "boolean"`;
  if (type.name === 'Int') return `typeof ${variable} === "number" && (${variable} | 0) === ${variable}`;
  if (type.name === 'Float') return `typeof ${variable} === "number" && Number.isFinite(${variable})`;
  return `typeof ${variable} === "string"`;
}

function abstractFunction(generated: Generated, group: SelectionGroup, type: GraphQLCompositeType): string {
  const { schema, hiddenTypes, shaperOf } = generated;
  const possible = isObjectType(type) ? [type] : schema.getPossibleTypes(type);
  const types = new Map(possible.map((one) => [one.name, one]));
  const choose = (typename: unknown): PlainShaper => {
    const concrete = typeof typename === 'string' && !hiddenTypes.has(typename) ? types.get(typename) : undefined;
    const shaper = concrete && shaperOf(group, concrete);
    if (!shaper) throw NOT_PLAIN;
    return shaper;
  };
  return declare(generated, `(o) { return ${bind(generated, choose)}(${readKey('o', '__typename')})(o); }`);
}

function bind({ bound }: Generated, value: unknown): Source {
  return `bound[${bound.push(value) - 1}]`;
}
