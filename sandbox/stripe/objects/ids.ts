import { randomInt } from 'node:crypto';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Letters and digits after the prefix, by kind; other kinds have 24. */
const LENGTHS: Readonly<Record<string, number>> = { cus: 14, prod: 14, si: 14, req: 14 };

/** A number from 0 (included) to `bound` (excluded). */
export type Draw = (bound: number) => number;

/** Makes ids that look like Stripe's, for example `cus_QXg1o8vcGmoR32`. */
export type NewId = (prefix: string) => string;

/** A maker of ids out of a source of chance. @default the machine's own */
export function createIds(draw: Draw = (bound) => randomInt(bound)): NewId {
  return (prefix) => {
    let id = `${prefix}_`;
    for (let left = LENGTHS[prefix] ?? 24; left > 0; left -= 1) id += ALPHABET[draw(ALPHABET.length)];
    return id;
  };
}
