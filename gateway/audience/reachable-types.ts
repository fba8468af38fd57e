import { type DefinitionNode, Kind, visit } from 'graphql';

/** Names of the types that `roots` lead to: by fields, arguments, interfaces, implementers, members, and directives' arguments. */
export function reachableTypes(definitions: readonly DefinitionNode[], roots: readonly string[]): ReadonlySet<string> {
  const next = edgesOf(definitions);
  const reached = new Set<string>();
  const queue = [...roots, ''];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (reached.has(name)) continue;
    reached.add(name);
    queue.push(...(next.get(name) ?? []));
  }
  return reached;
}

/** What each type names, and who implements it; directives count as named by everybody (''). */
function edgesOf(definitions: readonly DefinitionNode[]): Map<string, string[]> {
  const edges = new Map<string, string[]>();
  const add = (from: string, to: string) => {
    const known = edges.get(from);
    if (known) known.push(to);
    else edges.set(from, [to]);
  };
  for (const node of definitions) {
    if (!('name' in node) || !node.name) continue;
    const name = node.kind === Kind.DIRECTIVE_DEFINITION ? '' : node.name.value;
    visit(node, { NamedType: (type) => add(name, type.name.value) });
    if ('interfaces' in node) for (const implemented of node.interfaces ?? []) add(implemented.name.value, name);
  }
  return edges;
}
