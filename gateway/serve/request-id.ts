import { newUlid } from '../../lib/ids.ts';

const SHAPE = /^[A-Za-z0-9._:-]{1,128}$/;

/** The request's id: the caller's own when it is harmless in a log, else a new one. */
export function requestIdOf(header: string | string[] | undefined): string {
  return typeof header === 'string' && SHAPE.test(header) ? header : newUlid();
}
