import type {
  ArgumentNode,
  FieldNode,
  GraphQLCompositeType,
  GraphQLInputType,
  GraphQLSchema,
  SelectionSetNode,
  ValueNode,
  VariableDefinitionNode,
} from 'graphql';
import {
  getNamedType,
  getNullableType,
  isCompositeType,
  isInputObjectType,
  isListType,
  Kind,
  parseType,
  print,
  valueFromAST,
} from 'graphql';
import { fieldOf } from '../field-of.ts';
import { isSafeLiteral } from './literal.ts';

/** Variables with such names are ours: clients may not define them. */
export const OWN_VARIABLE = /^_c_\d/;

/** A selection set whose literals have become variables. */
export interface Hoisted {
  readonly selectionSet: SelectionSetNode;
  readonly definitions: readonly VariableDefinitionNode[];
  /** Values of the new variables, coerced. */
  readonly values: Readonly<Record<string, unknown>>;
}

/**
 * Turns the constants among the arguments of fields into variables, so that operations that differ in them alone are planned
 * and compiled once. What stays as written: arguments of directives (the planner decides by `@skip` and `@include`), of
 * `__type`, and literals that would not survive as JSON (literal.ts). A list or an object with a variable inside is taken apart.
 * The set must be valid and free of fragment spreads.
 */
export function hoistLiterals(schema: GraphQLSchema, set: SelectionSetNode, root: GraphQLCompositeType): Hoisted {
  const hoister = createHoister();
  const selectionSet = hoistSet(set, root, '', schema, hoister);
  return { selectionSet, definitions: [...hoister.definitions.values()], values: hoister.values };
}

interface Hoister {
  readonly definitions: ReadonlyMap<string, VariableDefinitionNode>;
  readonly values: Record<string, unknown>;
  /**
   * A variable instead of a literal. Literals at one place of the answer that are equal share one: fields of one response
   * name must have equal arguments, and would not have with two.
   */
  replace(value: ValueNode, type: GraphQLInputType, place: string): ValueNode;
}

function createHoister(): Hoister {
  const definitions = new Map<string, VariableDefinitionNode>();
  const values: Record<string, unknown> = Object.create(null);
  return {
    definitions,
    values,
    replace(value, type, place) {
      if (!isSafeLiteral(value, type)) return value;
      const coerced = valueFromAST(value, type);
      if (coerced === undefined) return value;
      const key = `${place}\0${type}\0${print(value)}`;
      const known = definitions.get(key);
      if (known) return known.variable;
      const name = `_c_${definitions.size}`;
      const variable = { kind: Kind.VARIABLE, name: { kind: Kind.NAME, value: name } } as const;
      definitions.set(key, { kind: Kind.VARIABLE_DEFINITION, variable, type: parseType(String(type)) });
      values[name] = coerced;
      return variable;
    },
  };
}

function hoistSet(
  set: SelectionSetNode,
  parent: GraphQLCompositeType,
  path: string,
  schema: GraphQLSchema,
  hoister: Hoister,
): SelectionSetNode {
  const selections = set.selections.map((node) => {
    if (node.kind === Kind.FIELD) return hoistField(node, parent, path, schema, hoister);
    if (node.kind === Kind.FRAGMENT_SPREAD) return node;
    const type = node.typeCondition ? schema.getType(node.typeCondition.name.value) : parent;
    if (!isCompositeType(type)) return node;
    return { ...node, selectionSet: hoistSet(node.selectionSet, type, path, schema, hoister) };
  });
  return { ...set, selections };
}

function hoistField(
  node: FieldNode,
  parent: GraphQLCompositeType,
  path: string,
  schema: GraphQLSchema,
  hoister: Hoister,
): FieldNode {
  const field = node.name.value.startsWith('__') ? undefined : fieldOf(schema, parent, node.name.value);
  if (!field) return node;
  const here = `${path}.${node.alias?.value ?? node.name.value}`;
  const args = (node.arguments ?? []).map((argument): ArgumentNode => {
    const type = field.args.find(({ name }) => name === argument.name.value)?.type;
    return type
      ? { ...argument, value: hoistValue(argument.value, type, `${here}(${argument.name.value}`, hoister) }
      : argument;
  });
  const type = getNamedType(field.type);
  return {
    ...node,
    arguments: args,
    ...(node.selectionSet && isCompositeType(type)
      ? { selectionSet: hoistSet(node.selectionSet, type, here, schema, hoister) }
      : {}),
  };
}

function hoistValue(value: ValueNode, type: GraphQLInputType, place: string, hoister: Hoister): ValueNode {
  if (value.kind === Kind.VARIABLE) return value;
  const replaced = hoister.replace(value, type, place);
  if (replaced !== value) return replaced;
  const nullable = getNullableType(type);
  if (value.kind === Kind.LIST && isListType(nullable)) {
    const items = value.values.map((item, index) => hoistValue(item, nullable.ofType, `${place}.${index}`, hoister));
    return { ...value, values: items };
  }
  if (value.kind !== Kind.OBJECT || !isInputObjectType(nullable) || nullable.isOneOf) return value;
  const fields = value.fields.map((node) => {
    const inner = nullable.getFields()[node.name.value]?.type;
    return inner ? { ...node, value: hoistValue(node.value, inner, `${place}.${node.name.value}`, hoister) } : node;
  });
  return { ...value, fields };
}
