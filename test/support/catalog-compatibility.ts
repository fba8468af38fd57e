import { z } from 'zod';
import { CATALOG, type CatalogTopic } from '../../events/catalog.ts';

/** A schema as JSON Schema, as far as the comparison reads it. https://json-schema.org/draft/2020-12 */
export interface FieldSchema {
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly FieldSchema[];
  readonly properties?: Readonly<Record<string, FieldSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: unknown;
  readonly items?: FieldSchema;
  readonly [keyword: string]: unknown;
}

/** What consumers and brokers rely on of a topic. */
interface TopicSnapshot {
  readonly partitions: number;
  readonly retentionMs: number;
  readonly retentionBytes: number;
  readonly types: Readonly<Record<string, FieldSchema>>;
}

/** The catalog as it is committed beside the test, by topic. */
export type CatalogSnapshot = Readonly<Record<string, TopicSnapshot>>;

/** The catalog in a form that can be committed and compared. */
export function toSnapshot(catalog: Readonly<Record<string, CatalogTopic>> = CATALOG): CatalogSnapshot {
  const topics = Object.entries(catalog).map(([name, { partitions, retentionMs, retentionBytes, types }]) => {
    const schemas = Object.entries(types).map(([type, schema]) => [type, z.toJSONSchema(schema)]);
    return [name, { partitions, retentionMs, retentionBytes, types: Object.fromEntries(schemas) }];
  });
  return Object.fromEntries(topics);
}

/**
 * What a change of the catalog would break, each as a sentence; empty when new consumers can read all events that are still
 * kept, and old consumers all new ones. Allowed: new topics, new types, new optional facts, and keeping more.
 */
export function incompatibilities(before: CatalogSnapshot, after: CatalogSnapshot): string[] {
  return Object.entries(before).flatMap(([topic, old]) => {
    const now = after[topic];
    return now ? [...shrunk(topic, old, now), ...changedTypes(old, now)] : [`topic ${topic} is gone`];
  });
}

function shrunk(topic: string, old: TopicSnapshot, now: TopicSnapshot): string[] {
  const found: string[] = [];
  if (old.partitions !== now.partitions) found.push(`topic ${topic} has other partitions: keys would move`);
  if (now.retentionMs < old.retentionMs) found.push(`topic ${topic} keeps events for a shorter time`);
  if (now.retentionBytes < old.retentionBytes) found.push(`topic ${topic} keeps fewer bytes`);
  return found;
}

function changedTypes(old: TopicSnapshot, now: TopicSnapshot): string[] {
  return Object.entries(old.types).flatMap(([type, schema]) => {
    const next = now.types[type];
    return next ? brokenFields(schema, next).map((what) => `${type}: ${what}`) : [`type ${type} is gone`];
  });
}

function brokenFields(before: FieldSchema, after: FieldSchema): string[] {
  const was = new Set(before.required);
  const is = new Set(after.required);
  const kept = Object.entries(before.properties ?? {}).flatMap(([field, schema]) => {
    const next = after.properties?.[field];
    if (next === undefined) return [`field ${field} is gone`];
    const change = changeOf(schema, next);
    if (change) return [`field ${field} ${change}`];
    return was.has(field) && !is.has(field) ? [`field ${field} may now be absent`] : [];
  });
  const demanded = [...is].filter((field) => !was.has(field));
  return [...kept, ...demanded.map((field) => `field ${field} is now required, old events lack it`)];
}

/** How a field differs, or null. Narrower breaks those who read old events, wider those who read new ones. */
function changeOf(before: FieldSchema, after: FieldSchema): string | null {
  if (JSON.stringify(before) === JSON.stringify(after)) return null;
  const [was, is] = [alternatives(before), alternatives(after)];
  const gone = [...was].filter((one) => !is.has(one));
  const added = [...is].filter((one) => !was.has(one));
  if (gone.length > 0 && added.length > 0) return 'has another type';
  return gone.length > 0 ? 'takes less than old events hold' : 'takes more than old consumers know';
}

/** What a schema takes, one text for each alternative of it. */
function alternatives({ anyOf, enum: values, ...rest }: FieldSchema): Set<string> {
  if (anyOf) return new Set(anyOf.flatMap((one) => [...alternatives(one)]));
  if (values) return new Set(values.map((value) => JSON.stringify({ ...rest, const: value })));
  const types = [rest.type].flat();
  return new Set(types.map((type) => JSON.stringify({ ...rest, type })));
}
