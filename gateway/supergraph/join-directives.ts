import { type ConstDirectiveNode, Kind, parse } from 'graphql';

/** Text of a directive's argument; undefined when it is absent. Enum values count as their names. */
export function textArgument(directive: ConstDirectiveNode, name: string): string | undefined {
  const value = directive.arguments?.find((argument) => argument.name.value === name)?.value;
  return value?.kind === Kind.STRING || value?.kind === Kind.ENUM ? value.value : undefined;
}

/** Whether a directive says `name: false`. */
export function isFalse(directive: ConstDirectiveNode, name: string): boolean {
  const value = directive.arguments?.find((argument) => argument.name.value === name)?.value;
  return value?.kind === Kind.BOOLEAN && !value.value;
}

/** The directives of that name on a node. Spec: specs.apollo.dev/join. */
export function directivesOf(
  node: { readonly directives?: readonly ConstDirectiveNode[] | undefined } | undefined,
  name: string,
): ConstDirectiveNode[] {
  return (node?.directives ?? []).filter((directive) => directive.name.value === name);
}

/** Names of the graphs a node's directives of that name speak of, each once. */
export function graphsOf(node: Parameters<typeof directivesOf>[0], name: string): string[] {
  return [...new Set(directivesOf(node, name).flatMap((directive) => textArgument(directive, 'graph') ?? []))];
}

/** A directive from its text, for example `@join__type(graph: A)`. */
export function toDirective(text: string): ConstDirectiveNode {
  const [definition] = parse(`scalar X ${text}`, { noLocation: true }).definitions;
  const directive = definition?.kind === Kind.SCALAR_TYPE_DEFINITION ? definition.directives?.[0] : undefined;
  if (!directive) throw new TypeError(`not a directive: ${text}`);
  return directive;
}
