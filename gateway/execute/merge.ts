import { isRecord, type JsonRecord, newRecord, ownValue, setOwn } from './record.ts';

/**
 * Merges what a subgraph answered into what is known, in depth; lists by index. What is known stays the same object; what
 * it lacks is taken over from `source` uncopied. A null never hides what another subgraph delivered.
 */
export function mergeInto(target: JsonRecord, source: JsonRecord): void {
  for (const key of Object.keys(source)) {
    const value = source[key];
    if (value !== undefined) setOwn(target, key, mergeValue(ownValue(target, key), value));
  }
}

/** The merged value: `known` itself, changed in place, where both are objects or lists of one length; else `value`. */
export function mergeValue(known: unknown, value: unknown): unknown {
  if (value === null) return known ?? null;
  if (Array.isArray(value)) {
    if (!Array.isArray(known) || known.length !== value.length) return value;
    for (let index = 0; index < value.length; index += 1) known[index] = mergeValue(known[index], value[index]);
    return known;
  }
  if (!isRecord(value) || !isRecord(known)) return value;
  mergeInto(known, value);
  return known;
}

/** A copy of a JSON value that shares no object and no list with it. */
export function copyValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copyValue);
  if (!isRecord(value)) return value;
  const copy = newRecord();
  for (const key of Object.keys(value)) copy[key] = copyValue(value[key]);
  return copy;
}
