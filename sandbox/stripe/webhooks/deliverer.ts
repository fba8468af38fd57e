import { setTimeout as wait } from 'node:timers/promises';
import type { StripeObject } from '../objects/stripe-object.ts';
import type { DeliveryQueue, Due } from './delivery-queue.ts';
import { signatureHeader } from './sign.ts';

/** Where an account's events are posted. */
export interface WebhookTarget {
  readonly url: string;
  /** `whsec_…`; signs every post. */
  readonly secret: string;
  /** Types that are posted; `invoice.*` means all that begin so. @default customer and invoice events */
  readonly events?: readonly string[];
}

/** What the deliverer works on. */
export interface DelivererOptions {
  readonly queue: DeliveryQueue;
  readonly targetOf: (account: string) => WebhookTarget | null;
  readonly eventOf: (account: string, eventId: string) => StripeObject | null;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly fetch: typeof fetch;
  /** Told when the queue cannot be written; the delivery comes again. */
  readonly onError: (error: unknown) => void;
}

/** Posts what the queue holds. */
export interface Deliverer {
  /** Looks at the queue again. */
  wake(): void;
  /** Stops; running posts are cut off and come again after the next start. */
  close(): Promise<void>;
}

const AT_ONCE = 8;
const TIMEOUT_MS = 10_000;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 60_000;
/** How long a delivery rests whose outcome could not be written down. */
const UNWRITTEN_PAUSE_MS = 1_000;
/** Stripe tries for up to three days. https://docs.stripe.com/webhooks#retries */
const GIVE_UP_MS = 3 * 86_400_000;

/** Starts posting. Anything but a 2xx is tried again, ever later, for three days. */
export function startDeliverer(options: DelivererOptions): Deliverer {
  const { queue, now } = options;
  const running = new Map<string, Promise<void>>();
  const stop = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const wake = () => {
    if (stop.signal.aborted) return;
    clearTimeout(timer);
    for (const due of queue.all()) {
      if (running.size >= AT_ONCE) return;
      const key = due.key.join();
      if (running.has(key)) continue;
      if (due.at > now()) {
        timer = setTimeout(wake, Math.min(due.at - now(), LONGEST_PAUSE_MS));
        return;
      }
      const done = deliver(options, due, stop.signal)
        .catch((error: unknown) => {
          options.onError(error);
          return pause(UNWRITTEN_PAUSE_MS, stop.signal);
        })
        .then(() => {
          running.delete(key);
          wake();
        });
      running.set(key, done);
    }
  };
  wake();
  return {
    wake,
    close: async () => {
      stop.abort();
      clearTimeout(timer);
      await Promise.allSettled(running.values());
    },
  };
}

/** Waits, or less when the signal aborts. */
function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return wait(milliseconds, undefined, { signal }).catch(() => undefined);
}

async function deliver(options: DelivererOptions, due: Due, stop: AbortSignal): Promise<void> {
  const { queue, now } = options;
  const { account, eventId, attempts, since } = due.delivery;
  const target = options.targetOf(account);
  const event = options.eventOf(account, eventId);
  if (!target || !event) return queue.settle(due);
  const accepted = await post(options, target, event, stop);
  if (stop.aborted) return;
  if (accepted || now() - since > GIVE_UP_MS) queue.settle(due);
  else queue.postpone(due, now() + Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempts));
}

async function post(
  options: DelivererOptions,
  { url, secret }: WebhookTarget,
  event: StripeObject,
  stop: AbortSignal,
): Promise<boolean> {
  const body = JSON.stringify(event, null, 2);
  try {
    const response = await options.fetch(url, {
      method: 'POST',
      body,
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'stripe-signature': signatureHeader(body, secret, Math.floor(options.now() / 1_000)),
        'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
      },
      redirect: 'manual',
      signal: AbortSignal.any([stop, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false; // no answer is an answer here: the delivery stays in the queue and comes again
  }
}
