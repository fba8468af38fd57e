import type { DirectiveNode, SelectionNode } from 'graphql';
import { Kind } from 'graphql';

/** Whether `@skip` and `@include` let a selection through, given coerced variables. */
export function isIncluded(node: SelectionNode, variables: Readonly<Record<string, unknown>>): boolean {
  return (node.directives ?? []).every((directive) => {
    if (directive.name.value === 'skip') return !flagOf(directive, variables);
    return directive.name.value !== 'include' || flagOf(directive, variables);
  });
}

function flagOf(directive: DirectiveNode, variables: Readonly<Record<string, unknown>>): boolean {
  const value = directive.arguments?.find((argument) => argument.name.value === 'if')?.value;
  if (value?.kind === Kind.VARIABLE) return variables[value.name.value] === true;
  return value?.kind === Kind.BOOLEAN && value.value;
}
