import { type FragmentSpreadNode, type InlineFragmentNode, Kind } from 'graphql';

/** The `@defer` of a fragment, when it is on for these variables: null otherwise. */
export function deferralOf(
  node: FragmentSpreadNode | InlineFragmentNode,
  variables: Readonly<Record<string, unknown>>,
): { readonly label: string | null } | null {
  const directive = node.directives?.find(({ name }) => name.value === 'defer');
  if (!directive) return null;
  const argument = (name: string) => directive.arguments?.find((one) => one.name.value === name)?.value;
  const [condition, label] = [argument('if'), argument('label')];
  if (condition?.kind === Kind.BOOLEAN && !condition.value) return null;
  // As plans decide it: with a variable that was not given nothing is deferred, which a server is free to do.
  if (condition?.kind === Kind.VARIABLE && variables[condition.name.value] !== true) return null;
  return { label: label?.kind === Kind.STRING ? label.value : null };
}
