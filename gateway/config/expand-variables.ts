import type { AppError } from '../../lib/errors.ts';

const VARIABLE = /\$\{([A-Z][A-Z0-9_]*)\}/g;

/** `value` with each `${NAME}` in its texts replaced by that variable. Throws what `refuse` makes where one is not set. */
export function expandVariables(
  value: unknown,
  env: Readonly<Record<string, string | undefined>>,
  refuse: (path: readonly PropertyKey[], expected: string) => AppError,
  path: readonly PropertyKey[] = [],
): unknown {
  if (typeof value === 'string')
    return value.replaceAll(VARIABLE, (_, name: string) => {
      const found = env[name];
      if (found === undefined || found === '') throw refuse(path, `expected the variable ${name} to be set`);
      return found;
    });
  if (Array.isArray(value)) return value.map((item, index) => expandVariables(item, env, refuse, [...path, index]));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, expandVariables(inner, env, refuse, [...path, key])]),
  );
}
