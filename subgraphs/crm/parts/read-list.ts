import type { UserErrors } from '../../kit/user-errors.ts';

const MOST = 20;

/** The entries of a list that could be read; `read` adds user errors for the others. TOO_LONG beyond 20. */
export function readList<Given, Read>(
  value: unknown,
  path: string,
  errors: UserErrors,
  read: (one: Given, path: string) => Read | null,
): Read[] {
  const given = (value ?? []) as Given[];
  if (given.length > MOST) {
    errors.add('TOO_LONG', path, `This may have at most ${MOST} entries.`);
    return [];
  }
  return given.map((one, index) => read(one, `${path}.${index}`)).filter((one) => one !== null);
}
