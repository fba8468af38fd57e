import type { FetchNode, QueryPlan } from '@apollo/query-planner';
import type { ASTNode, DocumentNode, GraphQLSchema, ValueNode, VariableDefinitionNode, VariableNode } from 'graphql';
import {
  BREAK,
  Kind,
  parse,
  parseType,
  print,
  stripIgnoredCharacters,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { mapFetches } from './map-plan.ts';

/** A document for the planner, and what puts its literals back into the plan. */
export interface ProtectedDocument {
  readonly document: DocumentNode;
  restore(plan: QueryPlan): QueryPlan;
}

const PREFIX = '_c_exact_';

/**
 * Repair: literals reach subgraphs as they were written.
 *
 * What the planner gets wrong: it reads the literals of arguments as JavaScript values and writes those, so that
 * `9007199254740993` arrives as `9007199254740992`. Most literals are variables by now (normalise/hoist.ts); those that no
 * variable can hold are hidden from the planner behind variables, and put back into its plan. `schema` is the API schema, asked for when there are such literals.
 */
export function protectLiterals(document: DocumentNode, schema: () => GraphQLSchema): ProtectedDocument {
  if (!hasLiterals(document)) return { document, restore: (plan) => plan };
  const literals = new Map<string, ValueNode>();
  const definitions = new Map<string, VariableDefinitionNode>();
  const hide = (value: ValueNode, type: string): VariableNode => {
    const key = `${type}\0${print(value)}`;
    const definition = definitions.get(key) ?? toDefinition(`${PREFIX}${definitions.size}`, type);
    definitions.set(key, definition);
    literals.set(definition.variable.name.value, value);
    return definition.variable;
  };
  const types = new TypeInfo(schema());
  const hidden: DocumentNode = visit(
    document,
    visitWithTypeInfo(types, {
      Directive: () => false,
      VariableDefinition: () => false,
      enter(node) {
        if (!isValue(node) || hasVariable(node)) return undefined;
        // Inside a custom scalar there are no types, and nobody looks at them.
        return hide(node, String(types.getInputType() ?? 'String'));
      },
    }),
  );
  const defined: DocumentNode = visit(hidden, {
    OperationDefinition: (node) => ({
      ...node,
      variableDefinitions: [...(node.variableDefinitions ?? []), ...definitions.values()],
    }),
  });
  return { document: defined, restore: (plan) => mapFetches(plan, (fetch) => [restoreFetch(fetch, literals)]) };
}

/** Cheaper than types: most documents have none left. */
function hasLiterals(document: DocumentNode): boolean {
  let found = false;
  visit(document, {
    Directive: () => false,
    VariableDefinition: () => false,
    Argument({ value }) {
      if (value.kind !== Kind.VARIABLE) found = true;
      return found ? BREAK : false;
    },
  });
  return found;
}

function isValue(node: ASTNode): node is Exclude<ValueNode, VariableNode> {
  return node.kind.endsWith('Value');
}

function hasVariable(value: ASTNode): boolean {
  let found = false;
  visit(value, {
    Variable: () => {
      found = true;
    },
  });
  return found;
}

function toDefinition(name: string, type: string): VariableDefinitionNode {
  const variable = { kind: Kind.VARIABLE, name: { kind: Kind.NAME, value: name } } as const;
  return { kind: Kind.VARIABLE_DEFINITION, variable, type: parseType(type, { noLocation: true }) };
}

function restoreFetch(fetch: FetchNode, literals: ReadonlyMap<string, ValueNode>): FetchNode {
  if (!fetch.operation.includes(PREFIX)) return fetch;
  const document = visit(parse(fetch.operation, { noLocation: true }), {
    VariableDefinition: ({ variable }) => (literals.has(variable.name.value) ? null : false),
    Variable: ({ name }) => literals.get(name.value),
  });
  return {
    ...fetch,
    operation: stripIgnoredCharacters(print(document)),
    variableUsages: (fetch.variableUsages ?? []).filter((name) => !literals.has(name)),
  };
}
