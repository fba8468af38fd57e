import { z } from 'zod';
import { CATALOG, type CatalogTopic } from '../../events/catalog.ts';

/** A payload's schema as JSON Schema, as far as the comparison reads it. */
export interface PayloadSchema {
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly required?: readonly string[];
}

/** The catalog as it is committed beside the test: by topic, what consumers and brokers rely on. */
export type CatalogSnapshot = Readonly<
  Record<string, { readonly partitions: number; readonly types: Readonly<Record<string, PayloadSchema>> }>
>;

/** The catalog in a form that can be committed and compared. */
export function toSnapshot(catalog: Readonly<Record<string, CatalogTopic>> = CATALOG): CatalogSnapshot {
  const topics = Object.entries(catalog).map(([name, { partitions, types }]) => {
    const schemas = Object.entries(types).map(([type, schema]) => [type, z.toJSONSchema(schema)]);
    return [name, { partitions, types: Object.fromEntries(schemas) }];
  });
  return Object.fromEntries(topics);
}

/**
 * What a change of the catalog would break, each as a sentence; empty when old events stay readable for new consumers
 * and new events for old consumers. Allowed: new topics, new types, new optional fields.
 */
export function incompatibilities(before: CatalogSnapshot, after: CatalogSnapshot): string[] {
  return Object.entries(before).flatMap(([topic, old]) => {
    const now = after[topic];
    if (!now) return [`topic ${topic} is gone`];
    const partitions =
      old.partitions === now.partitions ? [] : [`topic ${topic} has other partitions: keys would move`];
    const types = Object.entries(old.types).flatMap(([type, schema]) => {
      const next = now.types[type];
      return next ? brokenFields(schema, next).map((what) => `${type}: ${what}`) : [`type ${type} is gone`];
    });
    return [...partitions, ...types];
  });
}

function brokenFields(before: PayloadSchema, after: PayloadSchema): string[] {
  const was = new Set(before.required);
  const is = new Set(after.required);
  const kept = Object.entries(before.properties ?? {}).flatMap(([field, schema]) => {
    const next = after.properties?.[field];
    if (next === undefined) return [`field ${field} is gone`];
    if (JSON.stringify(next) !== JSON.stringify(schema)) return [`field ${field} has another type`];
    return was.has(field) && !is.has(field) ? [`field ${field} may now be absent`] : [];
  });
  const demanded = [...is].filter((field) => !was.has(field));
  return [...kept, ...demanded.map((field) => `field ${field} is now required, old events lack it`)];
}
