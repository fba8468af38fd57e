import type { ClientSession } from 'mongoose';
import type { Clock } from '../../lib/clock.ts';
import type { Store } from '../../store/store.ts';
import { hashBody, type IdempotencyKeys, type KeyOwner } from './idempotency.ts';
import type { Row } from './row.ts';
import type { SubgraphContext } from './service.ts';
import { type UserError, UserErrors } from './user-errors.ts';

/** What came of a mutation: the record, or why there is none. */
export type Outcome<R extends Row> =
  | { readonly record: R; readonly userErrors: readonly never[] }
  | { readonly record: null; readonly userErrors: readonly UserError[] };

/** A mutation of one record. */
export interface Mutation<R extends Row> {
  /** Its name in the graph, for example `accountCreate`. */
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>> & { readonly idempotencyKey?: string | null };
  /** Writes within the transaction and returns the record; adds to `errors` and writes nothing when it cannot. May run again. */
  readonly write: (session: ClientSession, errors: UserErrors) => Promise<R | null>;
  /** The record as it stands now, for an answer that is given again. */
  readonly read: (id: string, session: ClientSession) => Promise<R | null>;
}

const MAX_KEY = 128;
const DUPLICATE_KEY = 11000;
const ATTEMPTS = 3;

/**
 * Runs a mutation in one transaction with its events and its idempotency key. The same key with the same body is not done again;
 * with another body it is a user error IDEMPOTENCY_MISMATCH.
 */
export async function mutate<R extends Row>(
  parts: { readonly store: Store; readonly keys: IdempotencyKeys; readonly clock: Clock },
  context: SubgraphContext,
  mutation: Mutation<R>,
): Promise<Outcome<R>> {
  const key = mutation.input.idempotencyKey;
  if (typeof key === 'string' && (key === '' || key.length > MAX_KEY))
    return failed('INVALID', `An idempotency key has 1 to ${MAX_KEY} characters.`);
  const { tenant, subject } = context.identity;
  const owner = typeof key === 'string' ? { tenant, subject, key } : null;
  for (let attempt = 1; ; attempt += 1) {
    try {
      const outcome = await parts.store.transaction((session) => once(parts, mutation, owner, session));
      context.forget();
      return outcome;
    } catch (error) {
      // Two first attempts at once: the slower one finds the other's key when it looks again.
      if (!owner || !isDuplicateKey(error) || attempt === ATTEMPTS) throw error;
    }
  }
}

async function once<R extends Row>(
  { keys, clock }: { readonly keys: IdempotencyKeys; readonly clock: Clock },
  { name, input, write, read }: Mutation<R>,
  owner: KeyOwner | null,
  session: ClientSession,
): Promise<Outcome<R>> {
  const body = owner ? hashBody(name, input) : '';
  const done = owner ? await keys.find(owner, body, session) : null;
  if (done === 'mismatch') return failed('IDEMPOTENCY_MISMATCH', 'This key was used for something else.');
  if (done) {
    const record = await read(done.record, session);
    if (record) return { record, userErrors: [] };
  }
  const errors = new UserErrors();
  const record = await write(session, errors);
  if (!errors.isEmpty || !record) return { record: null, userErrors: errors.list };
  if (owner && !done) await keys.keep(owner, body, record._id, new Date(clock.now()), session);
  return { record, userErrors: [] };
}

function failed(code: 'INVALID' | 'IDEMPOTENCY_MISMATCH', message: string): Outcome<never> {
  const errors = new UserErrors();
  errors.add(code, 'idempotencyKey', message);
  return { record: null, userErrors: errors.list };
}

function isDuplicateKey(error: unknown): boolean {
  return error instanceof Error && (error as { code?: unknown }).code === DUPLICATE_KEY;
}
