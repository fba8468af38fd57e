const JSON_TYPES = new Set(['application/json', 'application/graphql-response+json', 'application/graphql+json']);

/**
 * Whether a `Content-Type` announces a GraphQL result (GraphQL over HTTP, §6.3): JSON in UTF-8, by one of its names, or nothing
 * at all, in which case the body shows.
 */
export function isResultType(contentType: string | null): boolean {
  if (contentType === null) return true;
  const [type = '', ...parameters] = contentType.toLowerCase().split(';');
  const charset = parameters.map((text) => text.trim()).find((text) => text.startsWith('charset='));
  return JSON_TYPES.has(type.trim()) && (charset === undefined || /^charset="?utf-?8"?$/.test(charset));
}
