import type { Bus, BusRecord, Position, Tail } from '../../events/bus.ts';
import type { SubscriptionEvent } from './decode.ts';
import { after, type Delivery, type Hub, type Membership } from './hub.ts';
import { createPositions, type Positions } from './positions.ts';

/** Where a subscriber's events come from, and where they go. */
export interface FeedOptions {
  readonly bus: Bus;
  readonly hub: Hub;
  readonly decode: (record: BusRecord) => SubscriptionEvent | null;
  readonly topics: readonly string[];
  /** Where to resume; null begins with what comes next. */
  readonly from: readonly Position[] | null;
  /** Gets each event in order. While the feed catches up, a promise holds further events back; live it is not waited for. */
  readonly onEvent: (event: SubscriptionEvent, positions: readonly Position[], live: boolean) => Promise<void> | void;
}

/** A subscriber's running feed. */
export interface Feed {
  /** Where to read on after everything handed out so far. */
  positions(): readonly Position[];
  close(): void;
}

/** How often a feed that catches up compares itself with the shared tail, milliseconds: some offsets hold no record. */
const MEET_INTERVAL_MS = 100;

/** A feed from now on: a place in the hub and nothing else. */
async function openLive({ hub, topics, onEvent }: FeedOptions): Promise<Feed> {
  const membership = await hub.join(topics, ({ event, positions }) => {
    if (event) void onEvent(event, positions(), true);
  });
  return { positions: () => membership.positions.list(), close: () => membership.leave() };
}

/**
 * A feed from a cursor: a tail of its own reads until it meets the hub's, then the hub's takes over.
 * Both run in this thread, so the moment at which the own tail has handed out all that the shared one has is exact.
 */
class ResumedFeed implements Feed {
  readonly #options: FeedOptions;
  /** What this subscriber has been handed, or passed over. */
  readonly #seen: Positions;
  #membership: Membership | null = null;
  #own: Tail | null = null;
  #timer: NodeJS.Timeout | undefined;
  #waiting = 0;
  /** `merged`: the shared tail has come to where the own one stopped, so both stand at the same place from then on. */
  #state: 'catching-up' | 'live' | 'merged' | 'closed' = 'catching-up';

  constructor(options: FeedOptions, from: readonly Position[]) {
    this.#options = options;
    this.#seen = createPositions(from);
  }

  async open(from: readonly Position[]): Promise<void> {
    const { bus, hub, topics } = this.#options;
    this.#membership = await hub.join(topics, (delivery) => this.#onShared(delivery));
    try {
      this.#own = await bus.tail({ topics, from, onRecord: (record) => this.#onOwn(record) });
    } catch (error) {
      this.close();
      throw error;
    }
    this.#timer = setInterval(() => this.#meet(), MEET_INTERVAL_MS);
    this.#timer.unref();
    this.#meet();
  }

  positions(): readonly Position[] {
    return (this.#state === 'merged' && this.#membership ? this.#membership.positions : this.#seen).list();
  }

  close(): void {
    const wasCatchingUp = this.#state === 'catching-up';
    this.#state = 'closed';
    this.#membership?.leave();
    if (wasCatchingUp) this.#stopOwn();
  }

  #onShared({ record, event, positions }: Delivery): void {
    if (this.#state === 'live') {
      // What the own tail had already handed out when the two met.
      if (record.offset < (this.#seen.next(record.topic, record.partition) ?? 0)) return;
      this.#seen.raise(after(record));
      if (this.#membership?.positions.covers(this.#seen)) this.#state = 'merged';
    }
    if (this.#state !== 'live' && this.#state !== 'merged') return;
    if (event) void this.#options.onEvent(event, this.#state === 'merged' ? positions() : this.#seen.list(), true);
  }

  async #onOwn(record: BusRecord): Promise<void> {
    if (this.#state !== 'catching-up') return;
    this.#seen.raise(after(record));
    const event = this.#options.decode(record);
    this.#waiting += 1;
    if (event) await this.#options.onEvent(event, this.#seen.list(), false);
    this.#waiting -= 1;
    this.#meet();
  }

  #meet(): void {
    if (!(this.#own && this.#membership) || this.#state !== 'catching-up' || this.#waiting > 0) return;
    for (const position of this.#own.positions()) this.#seen.raise(position);
    if (!this.#seen.covers(this.#membership.positions)) return;
    this.#state = 'live';
    this.#stopOwn();
  }

  #stopOwn(): void {
    clearInterval(this.#timer);
    // A tail that cannot be closed has already gone with its bus.
    this.#own?.close().catch(() => undefined);
  }
}

/** Opens a feed; rejects as `bus.tail` does: CURSOR_EXPIRED when the log no longer holds what follows the cursor. */
export async function openFeed(options: FeedOptions): Promise<Feed> {
  if (options.from === null) return openLive(options);
  const feed = new ResumedFeed(options, options.from);
  await feed.open(options.from);
  return feed;
}
