import { z } from 'zod';
import { GATEWAY_CONFIG } from './schema.ts';

/** A JSON Schema, as far as it is walked here. */
export interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
}

/** The JSON Schema (draft 2020-12) of a configuration file; `schema/gateway-config.schema.json` is this. */
export function gatewayConfigJsonSchema(): JsonSchema {
  const schema = z.toJSONSchema(GATEWAY_CONFIG, { target: 'draft-2020-12', io: 'input' }) as JsonSchema;
  return { ...schema, ...{ title: 'Configuration of the gateway' } };
}

/** The schemas that may describe what lies at a path. */
export function schemasAt(root: JsonSchema, path: readonly PropertyKey[]): readonly JsonSchema[] {
  return path.reduce<readonly JsonSchema[]>(
    (schemas, key) => schemas.flatMap((schema) => below(schema, key)),
    branches(root),
  );
}

function below(schema: JsonSchema, key: PropertyKey): readonly JsonSchema[] {
  if (typeof key === 'number') return schema.items ? branches(schema.items) : [];
  const { properties = {}, additionalProperties } = schema;
  const found = Object.hasOwn(properties, key) ? properties[String(key)] : additionalProperties;
  return typeof found === 'object' ? branches(found) : [];
}

function branches(schema: JsonSchema): readonly JsonSchema[] {
  return schema.anyOf ? schema.anyOf.flatMap(branches) : [schema];
}
