import type { ASTVisitor, DocumentNode, GraphQLSchema, ValidationContext, ValidationRule } from 'graphql';
import { GraphQLError, specifiedRules, validate } from 'graphql';
import { isOwnKey } from './data-key.ts';
import { DEFER_RULES } from './defer-rules.ts';
import { OWN_VARIABLE } from './normalise/hoist.ts';
import { rejection, rejectionOf } from './rejection.ts';

/** `__typename: name` would overwrite what tells the types of an answer apart, and some names are our own. */
const ReservedNamesRule: ValidationRule = (context: ValidationContext): ASTVisitor => ({
  Field(node) {
    const alias = node.alias?.value;
    if (alias === undefined || alias === node.name.value) return;
    if (!isOwnKey(alias) && alias !== '__typename') return;
    context.reportError(new GraphQLError(`The alias "${alias}" is reserved.`, { nodes: node }));
  },
  VariableDefinition(node) {
    const name = node.variable.name.value;
    if (OWN_VARIABLE.test(name))
      context.reportError(new GraphQLError(`The variable name "$${name}" is reserved.`, { nodes: node }));
  },
});

const RULES = [...specifiedRules, ...DEFER_RULES, ReservedNamesRule];

/**
 * Validates by the rules of the specification; the first fault is told, no suggestion is made. It is told in the words of the
 * schema that the caller may see (`visible`, a part of `schema`), so that it names nothing else. Throws OperationRejected.
 */
export function validateDocument(schema: GraphQLSchema, document: DocumentNode, visible: () => GraphQLSchema): void {
  const errors = validate(schema, document, RULES, { maxErrors: 1 });
  if (errors.length === 0) return;
  const told = visible();
  const shown = told === schema ? errors : validate(told, document, RULES, { maxErrors: 1 });
  // Where the visible part finds no fault, there is one that may not be told.
  throw shown.length > 0
    ? rejectionOf('GRAPHQL_VALIDATION_FAILED', shown)
    : rejection('GRAPHQL_VALIDATION_FAILED', 'The document is not valid.');
}
