import type { AddressInfo } from 'node:net';
import { type Clock, systemClock } from '../../lib/clock.ts';
import { AppError } from '../../lib/errors.ts';
import { type Logger, silentLogger } from '../../lib/logger.ts';
import { answerRequest } from './http/answer-request.ts';
import { createApiServer } from './http/server.ts';
import { type Ledger, openLedger } from './ledger.ts';
import { createIds } from './objects/ids.ts';
import type { StripeObject } from './objects/stripe-object.ts';
import { isOfType } from './resources/events.ts';
import { scopesOf } from './seed/scopes.ts';
import { startDeliverer, type WebhookTarget } from './webhooks/deliverer.ts';
import { openDeliveryQueue } from './webhooks/delivery-queue.ts';

/** One Stripe account in the sandbox. */
export interface SandboxAccount {
  /** Names it on disk; the connection's id will do. */
  readonly id: string;
  /** Every key that opens it, `sk_test_…`. */
  readonly apiKeys: readonly string[];
  /** Where its events are posted; absent: nowhere, and nothing is queued. */
  readonly webhook?: WebhookTarget;
  /** What it holds when it is first opened. */
  readonly seed?: () => readonly StripeObject[];
}

/** What a sandbox is made of. */
export interface StripeSandboxOptions {
  /** 0 takes any free port. */
  readonly port: number;
  /** @default '127.0.0.1' */
  readonly host?: string;
  /** A folder of its own. */
  readonly dataDir: string;
  readonly accounts: readonly SandboxAccount[];
  readonly clock?: Clock;
  readonly logger?: Logger;
  /** Posts the webhooks. */
  readonly fetch?: typeof fetch;
}

/** A running sandbox. */
export interface StripeSandbox {
  /** Where the API answers, without a trailing slash. */
  readonly url: string;
  /** Queues an event again for its account's webhook. AppError NOT_FOUND when there is no such event. */
  redeliver(account: string, eventId: string): void;
  /** Webhooks that nobody has acknowledged yet. */
  pending(): number;
  close(): Promise<void>;
}

/** Events the connector understands; what a webhook endpoint would list as `enabled_events`. */
const DEFAULT_EVENTS = ['customer.*', 'invoice.*'];

/**
 * Starts a Stripe of our own: stateful, durable, good for the official `stripe` package.
 * What it has answered, events and undelivered webhooks included, is on disk and outlives a kill -9.
 * AppError PORT_IN_USE names the port.
 */
export async function startStripeSandbox(options: StripeSandboxOptions): Promise<StripeSandbox> {
  const { accounts, clock = systemClock, logger = silentLogger } = options;
  const ledger = openLedger(options.dataDir);
  await seedAccounts(ledger, accounts);
  const byKey = new Map(accounts.flatMap(({ id, apiKeys }) => apiKeys.map((key) => [key, id] as const)));
  const targetOf = (account: string) => accounts.find(({ id }) => id === account)?.webhook ?? null;
  const queue = openDeliveryQueue(ledger);
  const eventOf = (account: string, id: string) => ledger.get(account, 'event', id);
  const onError = (error: unknown) => logger.error({ err: error }, 'The Stripe sandbox failed.');
  const now = () => clock.now();
  const deliverer = startDeliverer({ queue, targetOf, eventOf, now, fetch: options.fetch ?? fetch, onError });
  const enqueue = (account: string, event: StripeObject) => {
    const target = targetOf(account);
    if (target && isOfType(String(event['type']), target.events ?? DEFAULT_EVENTS))
      queue.add({ account, eventId: event.id, attempts: 0, since: clock.now() }, clock.now());
  };
  const newId = createIds();
  const server = createApiServer({
    accountOf: (key) => byKey.get(key) ?? null,
    newRequestId: () => newId('req'),
    answer: (request) => answerRequest({ ledger, newId, now, onEvent: enqueue }, request),
    durable: async () => {
      await ledger.flushed();
      deliverer.wake();
    },
    onError,
  });
  const close = async () => {
    await deliverer.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await ledger.close();
  };
  const url = await listen(server, options).catch(async (error: unknown) => {
    await close();
    throw error;
  });
  return {
    url,
    pending: () => [...queue.all()].length,
    redeliver: (account, eventId) => {
      if (!eventOf(account, eventId)) throw new AppError('NOT_FOUND', 'There is no such event.');
      queue.add({ account, eventId, attempts: 0, since: clock.now() }, clock.now());
      deliverer.wake();
    },
    close,
  };
}

/** Fills accounts that were never filled. Done in one transaction each, so that a crash leaves all of it or nothing. */
async function seedAccounts(ledger: Ledger, accounts: readonly SandboxAccount[]): Promise<void> {
  const seeded = ledger.database<boolean>('seeded');
  for (const { id, seed } of accounts) {
    if (!seed || seeded.get([id])) continue;
    const objects = seed();
    ledger.write(() => {
      for (const body of objects) ledger.put(id, body, scopesOf(body));
      seeded.putSync([id], true);
    });
  }
  await ledger.flushed();
}

function listen(server: ReturnType<typeof createApiServer>, { host = '127.0.0.1', port }: StripeSandboxOptions) {
  return new Promise<string>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'EADDRINUSE'
          ? new AppError('PORT_IN_USE', `Port ${port} is in use; the Stripe sandbox needs it.`, { cause: error })
          : error,
      ),
    );
    server.listen(port, host, () => resolve(`http://${host}:${(server.address() as AddressInfo).port}`));
  });
}
