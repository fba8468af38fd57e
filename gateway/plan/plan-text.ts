import type { OperationDefinitionNode } from 'graphql';
import { Kind, print, stripIgnoredCharacters, visit } from 'graphql';

/**
 * The text that is planned and that keys the plan cache: what pruning left of an operation in normal form, without definitions
 * of variables that nothing uses any more, without insignificant characters. Null when nothing is left to plan. The order of
 * fields is the client's: replies of subgraphs then have it too, and can be copied into the answer in runs.
 */
export function planTextOf(operation: OperationDefinitionNode | null): string | null {
  if (!operation) return null;
  const used = new Set<string>();
  visit(operation, {
    VariableDefinition: () => false,
    Variable: ({ name }) => void used.add(name.value),
  });
  const variableDefinitions = operation.variableDefinitions?.filter((node) => used.has(node.variable.name.value)) ?? [];
  return stripIgnoredCharacters(print({ kind: Kind.DOCUMENT, definitions: [{ ...operation, variableDefinitions }] }));
}
