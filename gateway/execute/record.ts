/** A JSON object of ours. */
export interface JsonRecord {
  [key: string]: unknown;
}

const Bare = function Bare() {} as unknown as new () => JsonRecord;
Bare.prototype = Object.create(null);

/**
 * An empty object that inherits nothing: `__proto__` and `constructor` are keys like any other, to read and to write
 * (GHSA-pfjj-6f4p-rvmh). Made by a constructor, because engines keep such objects in their fast form.
 */
export function newRecord(): JsonRecord {
  return new Bare();
}

/** Whether a value is a JSON object, not an array and not null. */
export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value of an own key; undefined otherwise, whatever the prototype holds. */
export function ownValue(record: JsonRecord, key: string): unknown {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

/** Whether plain objects inherit something under this name, so that it may not be read or written as other names are. */
export function isInherited(key: string): boolean {
  return key in Object.prototype;
}

/** Sets an own key, whatever the prototype holds: objects that came from a subgraph are plain ones. */
export function setOwn(record: JsonRecord, key: string, value: unknown): void {
  if (isInherited(key))
    Object.defineProperty(record, key, { value, enumerable: true, configurable: true, writable: true });
  else record[key] = value;
}
