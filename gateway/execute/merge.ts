import { isRecord, type JsonRecord, newRecord } from './record.ts';

/**
 * Merges what a subgraph answered into what is known, in depth; lists by index. Nothing is shared with `source`
 * afterwards, so one answer may be merged into many places. A null never hides what another subgraph delivered.
 */
export function mergeInto(target: JsonRecord, source: JsonRecord): void {
  for (const key of Object.keys(source)) {
    const value = source[key];
    if (value !== undefined) target[key] = merged(target[key], value);
  }
}

function merged(known: unknown, value: unknown): unknown {
  if (value === null) return known ?? null;
  if (Array.isArray(value)) {
    const list = Array.isArray(known) && known.length === value.length ? known : [];
    return value.map((item, index) => merged(list[index], item));
  }
  if (!isRecord(value)) return value;
  const target = isRecord(known) ? known : newRecord();
  mergeInto(target, value);
  return target;
}
