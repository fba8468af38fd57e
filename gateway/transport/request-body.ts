import type { SubgraphOperation, SubgraphRequest } from './transport.ts';

/** The part of each operation's body before its variables: operations live as long as their plan does. */
const openings = new WeakMap<SubgraphOperation, string>();

function openingOf(operation: SubgraphOperation): string {
  const known = openings.get(operation);
  if (known !== undefined) return known;
  const name = operation.name === undefined ? '' : `"operationName":${JSON.stringify(operation.name)},`;
  const opening = `{"query":${JSON.stringify(operation.text)},${name}"variables":`;
  openings.set(operation, opening);
  return opening;
}

/** The JSON body of a request (GraphQL over HTTP, §5.4). Variables that are written already are not written again. */
export function toRequestBody(request: SubgraphRequest): string {
  return `${openingOf(request.operation)}${request.variablesJson ?? JSON.stringify(request.variables)}}`;
}
