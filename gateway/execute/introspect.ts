import type { OperationDefinitionNode } from 'graphql';
import { execute, Kind } from 'graphql';
import type { ClientSelection, SelectedField } from './client-selection.ts';
import { isRecord, ownValue } from './record.ts';

/** Answers `__schema` and `__type` fields from the schema that the caller may see by graphql-js, wherever the Query type occurs in an operation. */
export function createIntrospection(
  selection: ClientSelection,
  variables: Readonly<Record<string, unknown>>,
): (field: SelectedField) => unknown {
  return ({ key, nodes }) => {
    // Only now: what the caller may see is worked out for those who ask for it.
    const { introspected: schema, operation, fragments } = selection;
    const query: OperationDefinitionNode = {
      ...operation,
      operation: 'query' as OperationDefinitionNode['operation'],
      directives: [],
      selectionSet: { kind: Kind.SELECTION_SET, selections: nodes },
    };
    const document = { kind: Kind.DOCUMENT, definitions: [query, ...fragments.values()] } as const;
    // Introspection resolvers are synchronous.
    const result = execute({ schema, document, variableValues: variables });
    return 'data' in result && isRecord(result.data) ? ownValue(result.data, key) : null;
  };
}
