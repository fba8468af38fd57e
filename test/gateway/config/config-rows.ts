import { gatewayConfigJsonSchema, type JsonSchema } from '../../../gateway/config/json-schema.ts';

/** The rows of docs/gateway-config.md: path, what is expected, default, what it does. */
export function configRows(schema: JsonSchema = gatewayConfigJsonSchema(), path = ''): string[][] {
  const own = path === '' ? [] : [[`\`${path}\``, kindOf(schema), defaultOf(schema), schema.description ?? '']];
  // A subgraph's fields are those of all subgraphs; they stand once.
  if (path === 'subgraphs.NAME') return [...own, ...configRows(schema.properties?.['url'], 'subgraphs.NAME.url')];
  const inner = [schema, ...(schema.anyOf ?? []), ...(schema.items ? [schema.items] : [])];
  const below = inner.flatMap((one) => Object.entries(one.properties ?? {}));
  const named = path === 'subgraphs' && typeof schema.additionalProperties === 'object';
  const rows = below.flatMap(([name, field]) => configRows(field, path === '' ? name : `${path}.${name}`));
  return [...own, ...rows, ...(named ? configRows(schema.additionalProperties as JsonSchema, 'subgraphs.NAME') : [])];
}

function kindOf(schema: JsonSchema): string {
  if (schema.anyOf) return [...new Set(schema.anyOf.map(kindOf))].join(' or ');
  if (schema.enum) return schema.enum.map((value) => `\`${String(value)}\``).join(', ');
  if (schema.const !== undefined) return `\`${String(schema.const)}\``;
  return schema.type ?? '';
}

function defaultOf({ default: value }: JsonSchema): string {
  return value === undefined ? '–' : `\`${String(value)}\``;
}
