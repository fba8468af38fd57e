import { randomBytes } from 'node:crypto';

const SHAPE = /^[A-Za-z0-9._:-]{1,128}$/;

/** Of this process: no other gives out its ids. Hexadecimal in capitals. */
const PROCESS = randomBytes(8).toString('hex').toUpperCase();
const COUNT_DIGITS = 10;

let count = 0;

/** A new id: 26 capitals and digits, unique among processes, rising within this one. It is no secret, so counting is enough. */
function newRequestId(): string {
  count += 1;
  return PROCESS + count.toString(36).toUpperCase().padStart(COUNT_DIGITS, '0');
}

/** The request's id: the caller's own when it is harmless in a log, else a new one. */
export function requestIdOf(header: string | string[] | undefined): string {
  return typeof header === 'string' && SHAPE.test(header) ? header : newRequestId();
}
