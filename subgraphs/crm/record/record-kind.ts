import type { ClientSession } from 'mongoose';
import type { RowModel } from '../../kit/row.ts';
import type { UserErrors } from '../../kit/user-errors.ts';
import type { RecordRow } from './record-row.ts';

/** A mutation's input, as GraphQL coerced it: an absent field is absent, an emptied one is null. */
export type Input = Readonly<Record<string, unknown>> & {
  readonly id?: string;
  readonly ifVersion?: number | null;
  readonly idempotencyKey?: string | null;
};

/** The fields of a row that are its own, beside those every record has. */
export type OwnFields<R extends RecordRow> = Omit<R, keyof RecordRow>;

/** What a check against the store has to look at. */
export interface Verification<R extends RecordRow> {
  readonly next: R;
  /** Null when the record is being made. */
  readonly previous: R | null;
  readonly input: Input;
  readonly session: ClientSession;
  readonly errors: UserErrors;
}

/** What creating, changing and deleting have to know of a kind of record. */
export interface RecordKind<R extends RecordRow> {
  /** Name of its type; mutations and payload field are named after it. */
  readonly typename: string;
  /** Of its ids. */
  readonly prefix: string;
  readonly topic: string;
  readonly model: RowModel<R>;
  /** A row with nothing in it but what a new one has. */
  readonly empty: OwnFields<R>;
  /** Input field → reader of the value; the same name is stored. */
  readonly readers: Readonly<Record<string, (value: unknown, errors: UserErrors) => unknown>>;
  /** Stored fields that follow from others. */
  readonly derive: (row: R) => Partial<R>;
  /** Stored field → the graph's name for it, where they differ. */
  readonly graphNames: Readonly<Record<string, string>>;
  /** Adds user errors for what only the store can tell. */
  readonly verify: (verification: Verification<R>) => Promise<void>;
  /** What its events carry beside the usual. */
  readonly facts: (row: R) => Readonly<Record<string, unknown>>;
}

/** The stored fields that an input gives. */
export function readPatch<R extends RecordRow>(kind: RecordKind<R>, input: Input, errors: UserErrors): Partial<R> {
  const given = Object.entries(kind.readers).filter(([name]) => input[name] !== undefined);
  return Object.fromEntries(given.map(([name, read]) => [name, read(input[name], errors)])) as Partial<R>;
}
