import type { ASTVisitor, DocumentNode, GraphQLSchema, ValidationContext, ValidationRule } from 'graphql';
import { GraphQLError, specifiedRules, validate } from 'graphql';
import { OWN_ALIAS } from './data-key.ts';
import { rejectionOf } from './rejection.ts';

/** `__typename: name` would overwrite what tells the types of an answer apart, and some names are our own. */
const ReservedAliasRule: ValidationRule = (context: ValidationContext): ASTVisitor => ({
  Field(node) {
    const alias = node.alias?.value;
    if (alias === undefined || !(alias.startsWith(OWN_ALIAS) || alias === '__typename')) return;
    if (alias === node.name.value) return;
    context.reportError(new GraphQLError(`The alias "${alias}" is reserved.`, { nodes: node }));
  },
});

const RULES = [...specifiedRules, ReservedAliasRule];

/** Validates by the rules of the specification; the first fault is told, no suggestion is made. Throws OperationRejected. */
export function validateDocument(schema: GraphQLSchema, document: DocumentNode): void {
  const errors = validate(schema, document, RULES, { maxErrors: 1 });
  if (errors.length > 0) throw rejectionOf('GRAPHQL_VALIDATION_FAILED', errors);
}
