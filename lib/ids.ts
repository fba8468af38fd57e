import { decodeTime, monotonicFactory } from 'ulid';

const nextUlid = monotonicFactory();

/** A new ULID, rising within this process even inside one millisecond. Spec: github.com/ulid/spec. */
export function newUlid(now?: number): string {
  return nextUlid(now);
}

/** Makes all ULIDs of this process from now on greater than one of an earlier process, whose clock may have been ahead. */
export function raiseUlids(past: string): void {
  nextUlid(decodeTime(past) + 1);
}

/** A new id of ours, `<prefix>_<ULID>`, for example `acc_01J…`. Opaque to clients. */
export function newId(prefix: string, now?: number): string {
  return `${prefix}_${newUlid(now)}`;
}

/** The prefix of one of our ids (`acc` of `acc_01J…`), or null when the text is not shaped like one. */
export function prefixOf(id: string): string | null {
  return /^([a-z]{3})_[0-9A-HJKMNP-TV-Z]{26}$/.exec(id)?.[1] ?? null;
}
