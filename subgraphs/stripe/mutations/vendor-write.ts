import { createHash } from 'node:crypto';
import { newUlid } from '../../../lib/ids.ts';
import type { Connection } from '../../kit/connections.ts';
import { createIdempotencyKeys, hashBody } from '../../kit/idempotency.ts';
import { mutate, type Outcome } from '../../kit/mutate.ts';
import type { Service, SubgraphContext } from '../../kit/service.ts';
import { type UserErrorCode, UserErrors } from '../../kit/user-errors.ts';
import { refusalOf, type StripeRefusal } from '../client/refusal.ts';
import type { Spoken } from '../client/stripe-client.ts';
import type { StripeClient, StripeClients } from '../client.ts';
import { mapObject, type Noun } from '../mapping/index.ts';
import { type Mirror, openMirror } from '../mirror/mirror.ts';
import type { MirrorRow } from '../mirror/rows.ts';
import { takeCandidate } from '../mirror/take.ts';
import { announce } from '../sync/announce.ts';

/** A mutation that writes to Stripe first, and then to the mirror. */
export interface VendorWrite {
  /** Its name in the graph. */
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>> & { readonly idempotencyKey?: string | null };
  readonly noun: Noun;
  /** Our event's verb, by what came of it. */
  readonly verbOf: (row: MirrorRow) => string;
  /** Checks the input against the mirror; nothing is sent to Stripe when there are errors. */
  readonly check: (mirror: Mirror, errors: UserErrors) => Promise<void>;
  readonly send: (client: StripeClient, idempotencyKey: string) => Promise<Spoken<unknown>>;
  /** What a refusal of Stripe's says of the input. */
  readonly blame: (refusal: StripeRefusal) => { readonly code: UserErrorCode; readonly path: string };
  /** What there may be one of only, whoever asks and under whatever key: those that ask at once are one to Stripe. Null: nothing. */
  readonly oneOf: () => Promise<readonly unknown[] | null>;
  readonly accountOf: (mirror: Mirror) => Promise<string | null>;
}

const MAX_KEY = 128;

/**
 * Runs it. A repetition under the same key answers the record as it now stands, without asking Stripe; a crash between Stripe
 * and the mirror is healed by the webhook, or by the repetition, for Stripe gets the same `Idempotency-Key`.
 */
export async function writeToVendor(
  service: Service<StripeClients>,
  context: SubgraphContext,
  write: VendorWrite,
): Promise<Outcome<MirrorRow>> {
  const connection = service.runtime.connections.ofTenant('stripe', context.identity.tenant);
  if (!connection) return refuse('NOT_FOUND', '', 'There is no Stripe connection.');
  const mirror = openMirror(service.runtime.store, connection);
  const known = await findDone(service, context, mirror, write);
  if (known) return known;
  const errors = new UserErrors();
  checkKey(write, errors);
  await write.check(mirror, errors);
  if (!errors.isEmpty) return { record: null, userErrors: errors.list };
  try {
    const spoken = await write.send(service.client(connection), await vendorKey(context, write));
    return await record(service, context, { connection, mirror, write, spoken });
  } catch (error) {
    const refusal = refusalOf(error);
    if (!refusal || refusal.status === 401 || refusal.status === 403) throw error;
    if (refusal.type === 'idempotency_error' && !(await write.oneOf()))
      return refuse('IDEMPOTENCY_MISMATCH', 'idempotencyKey', 'This key was used for something else.');
    const { code, path } = write.blame(refusal);
    return refuse(code, path, `Stripe refused: ${refusal.message}`);
  }
}

function checkKey({ input: { idempotencyKey: key } }: VendorWrite, errors: UserErrors): void {
  if (typeof key === 'string' && (key === '' || key.length > MAX_KEY))
    errors.add('INVALID', 'idempotencyKey', `An idempotency key has 1 to ${MAX_KEY} characters.`);
}

/** The outcome of an earlier mutation with this key; null when there was none. */
async function findDone(
  { runtime }: Service<StripeClients>,
  { identity: { tenant, subject } }: SubgraphContext,
  mirror: Mirror,
  { name, input, noun }: VendorWrite,
): Promise<Outcome<MirrorRow> | null> {
  const key = input.idempotencyKey;
  if (typeof key !== 'string') return null;
  const keys = createIdempotencyKeys(runtime.store.connection, 'stripe');
  return runtime.store.transaction(async (session) => {
    const done = await keys.find({ tenant, subject, key }, hashBody(name, input), session);
    if (done === 'mismatch')
      return refuse('IDEMPOTENCY_MISMATCH', 'idempotencyKey', 'This key was used for something else.');
    const found = done && (await mirror.find(noun, done.record, session));
    return found && { record: found, userErrors: [] };
  });
}

/** One key of the caller's is one key at Stripe, and nobody else's; without one, only our own retries share it. `oneOf` goes before. */
async function vendorKey({ identity }: SubgraphContext, { name, input, oneOf }: VendorWrite): Promise<string> {
  const { tenant, subject } = identity;
  const parts = [tenant, name, ...((await oneOf()) ?? [subject, input.idempotencyKey ?? newUlid()])];
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}

async function record(
  service: Service<StripeClients>,
  context: SubgraphContext,
  done: {
    readonly connection: Connection;
    readonly mirror: Mirror;
    readonly write: VendorWrite;
    readonly spoken: Spoken<unknown>;
  },
): Promise<Outcome<MirrorRow>> {
  const { runtime } = service;
  const { connection, mirror, write, spoken } = done;
  const { name, input, noun } = write;
  const mapped = mapObject(noun, connection.id, spoken.body);
  const candidate = { mapped, asOf: spoken.asOf, deleted: false, fetched: true };
  const keys = createIdempotencyKeys(runtime.store.connection, 'stripe');
  return mutate<MirrorRow>({ store: runtime.store, keys, clock: runtime.clock }, context, {
    name,
    input,
    read: (id, session) => mirror.find(noun, id, session),
    write: async (session) => {
      const taken = await takeCandidate(mirror, candidate, await write.accountOf(mirror), session);
      if (!taken) throw new Error('A fetched state is never in doubt.');
      const { row, changed } = taken;
      await announce(runtime, { noun, verb: write.verbOf(row), row, changed, cause: 'LIVE' }, session);
      return row;
    },
  });
}

function refuse(code: UserErrorCode, path: string, message: string): Outcome<MirrorRow> {
  const errors = new UserErrors();
  errors.add(code, path, message);
  return { record: null, userErrors: errors.list };
}
