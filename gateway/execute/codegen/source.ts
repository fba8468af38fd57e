import { isInherited, ownValue, setOwn } from '../record.ts';

/**
 * Source text of generated functions. Whatever comes from outside (names of a schema, a client's aliases, values) goes in
 * only as a JSON string literal, which is a JavaScript literal of the same string.
 */
export type Source = string;

/** A string as a literal. */
export function literal(text: string): Source {
  return JSON.stringify(text);
}

/** An expression that reads an own key of the record in `variable`; undefined when it has none. */
export function readKey(variable: string, key: string): Source {
  // What plain objects inherit is not theirs.
  return isInherited(key) ? `ownValue(${variable}, ${literal(key)})` : `${variable}[${literal(key)}]`;
}

/** A statement that sets an own key of the record in `variable`. */
export function writeKey(variable: string, key: string, value: Source): Source {
  return isInherited(key)
    ? `setOwn(${variable}, ${literal(key)}, ${value});`
    : `${variable}[${literal(key)}] = ${value};`;
}

/** A key of an object literal. `["__proto__"]` makes a key, `"__proto__"` would set the prototype. */
export function literalKey(key: string): Source {
  return key === '__proto__' ? '["__proto__"]' : literal(key);
}

/** A condition: the value in `variable` is a JSON object. */
export function isRecordSource(variable: string): Source {
  return `typeof ${variable} === "object" && ${variable} !== null && !Array.isArray(${variable})`;
}

/**
 * Makes a function out of its source, which is an expression. It sees `bindings` and what `readKey` and `writeKey` need,
 * and, as everything here, the globals: this is no sandbox, the source must be ours.
 */
export function compileSource<Compiled>(source: Source, bindings: Readonly<Record<string, unknown>> = {}): Compiled {
  const scope = { ownValue, setOwn, ...bindings };
  return new Function(...Object.keys(scope), `"use strict"; return ${source};`)(...Object.values(scope)) as Compiled;
}
