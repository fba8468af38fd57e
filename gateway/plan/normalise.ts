import type { DefinitionNode, FragmentDefinitionNode, OperationDefinitionNode } from 'graphql';
import { Kind, print, stripIgnoredCharacters, visit } from 'graphql';
import type { PrunedDocument } from './prune.ts';

/**
 * The text that is planned and that keys the plan cache: one operation, its fragments in order of use, no definition of an
 * unused variable, no insignificant characters. Null when nothing is left to plan.
 */
export function normalise({ operation, fragments }: PrunedDocument): string | null {
  if (!operation) return null;
  const used = usedFragments(operation, fragments);
  const variables = usedVariables([operation, ...used]);
  const variableDefinitions =
    operation.variableDefinitions?.filter((node) => variables.has(node.variable.name.value)) ?? [];
  const definitions = [{ ...operation, variableDefinitions }, ...used];
  return stripIgnoredCharacters(print({ kind: Kind.DOCUMENT, definitions }));
}

function usedFragments(
  operation: OperationDefinitionNode,
  fragments: readonly FragmentDefinitionNode[],
): FragmentDefinitionNode[] {
  const byName = new Map(fragments.map((fragment) => [fragment.name.value, fragment]));
  const used = new Set<FragmentDefinitionNode>();
  const queue: DefinitionNode[] = [operation];
  for (let definition = queue.pop(); definition; definition = queue.pop()) {
    visit(definition, {
      FragmentSpread({ name }) {
        const fragment = byName.get(name.value);
        if (!fragment || used.has(fragment)) return;
        used.add(fragment);
        queue.push(fragment);
      },
    });
  }
  return [...used];
}

function usedVariables(definitions: readonly DefinitionNode[]): Set<string> {
  const names = new Set<string>();
  for (const definition of definitions) {
    visit(definition, {
      VariableDefinition: () => false,
      Variable: ({ name }) => {
        names.add(name.value);
      },
    });
  }
  return names;
}
