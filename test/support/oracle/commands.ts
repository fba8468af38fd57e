import type { Document } from 'bson';
import type { Sort } from './keys.ts';

/** What is asked of the store and of the oracle alike. */
export type Command =
  | { readonly do: 'insert'; readonly documents: readonly Document[]; readonly ordered: boolean }
  | {
      readonly do: 'update';
      readonly filter: Document;
      readonly update: Document;
      readonly arrayFilters?: readonly Document[];
      readonly many: boolean;
      readonly upsert: boolean;
    }
  | { readonly do: 'delete'; readonly filter: Document; readonly many: boolean }
  | {
      readonly do: 'findAndModify';
      readonly filter: Document;
      readonly sort: Sort;
      readonly update: Document | null;
      readonly isNew: boolean;
    }
  | {
      readonly do: 'find';
      readonly filter: Document;
      readonly sort: Sort;
      readonly skip: number;
      readonly limit: number;
      readonly projection: Document;
    }
  | { readonly do: 'count'; readonly filter: Document; readonly skip: number; readonly limit: number }
  | { readonly do: 'distinct'; readonly filter: Document; readonly key: string }
  | { readonly do: 'group' | 'unwind'; readonly filter: Document; readonly key: string }
  | { readonly do: 'begin' | 'commit' | 'abort' };

/** Where a transaction begins or ends. */
export type Boundary = Extract<Command, { do: 'begin' | 'commit' | 'abort' }>;
/** What asks or changes documents. */
export type Asking = Exclude<Command, Boundary>;

export function isBoundary(command: Command): command is Boundary {
  return command.do === 'begin' || command.do === 'commit' || command.do === 'abort';
}

export type Doing<Name extends Command['do']> = Extract<Command, { do: Name }>;

/** What came of a command; documents and values are compared by MongoDB's order, lists in order but for `bag`. */
export type Outcome =
  | { readonly list: readonly unknown[] }
  | { readonly bag: readonly unknown[] }
  | { readonly n: number }
  | { readonly value: unknown }
  | { readonly codes: readonly number[]; readonly n: number }
  | { readonly code: number };
