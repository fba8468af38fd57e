import type { ASTVisitor, DocumentNode, GraphQLSchema, ValidationContext, ValidationRule } from 'graphql';
import { GraphQLError, specifiedRules, validate } from 'graphql';
import { rejectionOf } from './rejection.ts';

/** `__typename: name` would overwrite what tells the types of an answer apart. */
const ReservedAliasRule: ValidationRule = (context: ValidationContext): ASTVisitor => ({
  Field(node) {
    if (node.alias?.value !== '__typename' || node.name.value === '__typename') return;
    context.reportError(new GraphQLError('The alias "__typename" is reserved.', { nodes: node }));
  },
});

const RULES = [...specifiedRules, ReservedAliasRule];

/** Validates by the rules of the specification; the first fault is told, no suggestion is made. Throws OperationRejected. */
export function validateDocument(schema: GraphQLSchema, document: DocumentNode): void {
  const errors = validate(schema, document, RULES, { maxErrors: 1 });
  if (errors.length > 0) throw rejectionOf('GRAPHQL_VALIDATION_FAILED', errors);
}
