import { existsSync, readFileSync } from 'node:fs';

/** Stripe's own OpenAPI document, of the version our client asks for. Part of the shared data, not of this repository. */
const DOCUMENT = new URL('../../../../shared/data/vendors/stripe/spec3.json', import.meta.url);

/** Whether the document is there; tests that need it are skipped where it is not. */
export const hasVendorSpec = existsSync(DOCUMENT);

type Json = Record<string, unknown>;

/** A part of the document that stands on its own. */
export interface VendorSpec {
  readonly openapi: string;
  readonly info: { readonly version: string };
  readonly paths: Record<string, Record<string, Json>>;
  readonly components: { readonly schemas: Record<string, Json> };
  readonly [field: string]: unknown;
}

/** The operations our client uses, `method path`. */
export const OPERATIONS = [
  'get /v1/customers',
  'post /v1/customers',
  'get /v1/customers/{customer}',
  'get /v1/subscriptions',
  'get /v1/subscriptions/{subscription_exposed_id}',
  'get /v1/invoices',
  'get /v1/invoices/{invoice}',
  'post /v1/invoices/{invoice}/pay',
  'get /v1/events',
  'get /v1/events/{id}',
];

/**
 * The document with these operations alone, and the schemas they reach. What may be expanded is left an id, as nobody here
 * asks to expand: without that each schema reaches all of Stripe.
 */
export function loadVendorSpec(operations: readonly string[] = OPERATIONS): VendorSpec {
  const whole = withoutExpansions(JSON.parse(readFileSync(DOCUMENT, 'utf8'))) as VendorSpec;
  const paths: VendorSpec['paths'] = {};
  for (const operation of operations) {
    const [method = '', path = ''] = operation.split(' ');
    const found = whole.paths[path]?.[method];
    if (!found) throw new Error(`Stripe has no ${operation}.`);
    paths[path] = { ...paths[path], [method]: found };
  }
  return { ...whole, paths, components: { ...whole.components, schemas: reached(paths, whole.components.schemas) } };
}

/** `anyOf: [an id, the object]` → the id. */
function withoutExpansions(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutExpansions);
  if (value === null || typeof value !== 'object') return value;
  const { anyOf, 'x-expansionResources': expansion, ...rest } = value as Json;
  const kept = expansion && Array.isArray(anyOf) ? anyOf.filter((one: Json) => one['type'] === 'string') : [];
  const given = kept.length > 0 ? { ...rest, ...(kept[0] as Json) } : (value as Json);
  return Object.fromEntries(Object.entries(given).map(([name, inner]) => [name, withoutExpansions(inner)]));
}

function reached(from: unknown, schemas: Record<string, Json>): Record<string, Json> {
  const found: Record<string, Json> = {};
  const visit = (value: unknown) => {
    for (const [, name = ''] of JSON.stringify(value).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      const schema = schemas[name];
      if (!schema || found[name]) continue;
      found[name] = schema;
      visit(schema);
    }
  };
  visit(from);
  return found;
}
