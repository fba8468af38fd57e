import type { ASTNode, ASTVisitor, DirectiveNode, ValidationContext, ValidationRule } from 'graphql';
import { GraphQLError, isObjectType, Kind, OperationTypeNode, visit } from 'graphql';

const DEFER = 'defer';

/** Labels tell the parts of an answer apart: each is a constant and occurs once in the document. */
const DeferLabelRule: ValidationRule = (context: ValidationContext): ASTVisitor => {
  const labels = new Set<string>();
  return {
    Directive(node) {
      if (node.name.value !== DEFER) return;
      const label = node.arguments?.find(({ name }) => name.value === 'label')?.value;
      if (!label || label.kind === Kind.NULL) return;
      if (label.kind !== Kind.STRING) report(context, node, 'The label of @defer must be a constant.');
      else if (labels.has(label.value)) report(context, node, `The label "${label.value}" of @defer is used twice.`);
      else labels.add(label.value);
    },
  };
};

/** The fields of a mutation run one after another: none of them can be put off. */
const DeferRootRule: ValidationRule = (context: ValidationContext): ASTVisitor => ({
  Directive(node) {
    if (node.name.value !== DEFER || isOff(node)) return;
    const parent = context.getParentType();
    const { mutation, subscription } = rootsOf(context);
    if (isObjectType(parent) && (parent === mutation || parent === subscription))
      report(context, node, `@defer cannot be used on the root type ${parent.name}.`);
  },
});

/** An event is answered at once. `@defer(if: false)`, or a variable that says so, keeps one document for both. */
const DeferOperationRule: ValidationRule = (context: ValidationContext): ASTVisitor => ({
  OperationDefinition(operation) {
    if (operation.operation !== OperationTypeNode.SUBSCRIPTION) return;
    for (const set of [operation, ...context.getRecursivelyReferencedFragments(operation)])
      for (const node of defersIn(set))
        report(context, node, '@defer is not supported on subscriptions: switch it off by its argument "if".');
  },
});

/** Rules of the incremental delivery RFC (graphql-spec #742) for `@defer`. */
export const DEFER_RULES: readonly ValidationRule[] = [DeferLabelRule, DeferRootRule, DeferOperationRule];

/** Those that are on, in this definition. */
function defersIn(definition: ASTNode): DirectiveNode[] {
  const found: DirectiveNode[] = [];
  visit(definition, {
    Directive(node) {
      if (node.name.value === DEFER && !isOff(node)) found.push(node);
    },
  });
  return found;
}

function rootsOf(context: ValidationContext) {
  const schema = context.getSchema();
  return { mutation: schema.getMutationType(), subscription: schema.getSubscriptionType() };
}

function isOff(node: DirectiveNode): boolean {
  const value = node.arguments?.find(({ name }) => name.value === 'if')?.value;
  return value?.kind === Kind.VARIABLE || (value?.kind === Kind.BOOLEAN && !value.value);
}

function report(context: ValidationContext, node: DirectiveNode, message: string): void {
  context.reportError(new GraphQLError(message, { nodes: node }));
}
