import type { Bus, BusRecord, Position, Tail } from '../../events/bus.ts';
import type { SubscriptionEvent } from './decode.ts';
import { createPositions, type Positions } from './positions.ts';

/** A record as the subscribers of its topics get it; `event` is null when it cannot be read. */
export interface Delivery {
  readonly record: BusRecord;
  readonly event: SubscriptionEvent | null;
  /** Where to read on after this record. The same list for all who ask, so that a cursor is signed once. */
  positions(): readonly Position[];
}

/** Gets every record of the topics, in order per partition. Must not throw. */
export type Listener = (delivery: Delivery) => void;

/** A place among the listeners of a shared tail. */
export interface Membership {
  readonly positions: Positions;
  leave(): void;
}

/** One shared tail per set of topics, however many clients listen. */
export interface Hub {
  /** Resolves once the tail's positions are pinned: from then on the listener misses nothing. Rejects as `bus.tail` does. */
  join(topics: readonly string[], listener: Listener): Promise<Membership>;
}

interface Shared {
  readonly listeners: Set<Listener>;
  readonly positions: Positions;
  readonly tail: Promise<Tail>;
  members: number;
}

/** What one record is to many listeners: positions are listed when the first of them asks, within the same turn. */
function toDelivery(record: BusRecord, event: SubscriptionEvent | null, positions: Positions): Delivery {
  let list: readonly Position[] | undefined;
  return {
    record,
    event,
    positions() {
      list ??= positions.list();
      return list;
    },
  };
}

/** The place after a record. */
export function after({ topic, partition, offset }: BusRecord): Position {
  return { topic, partition, offset: offset + 1 };
}

/** A hub over a bus. A tail starts with its first listener and stops with its last. */
export function createHub(bus: Bus, decode: (record: BusRecord) => SubscriptionEvent | null): Hub {
  const tails = new Map<string, Shared>();

  function open(topics: readonly string[]): Shared {
    const listeners = new Set<Listener>();
    const positions = createPositions();
    const tail = bus.tail({
      topics,
      from: 'latest',
      onRecord: (record) => {
        positions.raise(after(record));
        const delivery = toDelivery(record, decode(record), positions);
        for (const listener of listeners) listener(delivery);
      },
    });
    return { listeners, positions, tail, members: 0 };
  }

  async function close(name: string, shared: Shared): Promise<void> {
    if (tails.get(name) === shared) tails.delete(name);
    const tail = await shared.tail;
    await tail.close();
  }

  return {
    async join(topics, listener) {
      const name = topics.join('\n');
      const shared = tails.get(name) ?? open(topics);
      tails.set(name, shared);
      shared.members += 1;
      try {
        const tail = await shared.tail;
        for (const position of tail.positions()) shared.positions.raise(position);
      } catch (error) {
        if (tails.get(name) === shared) tails.delete(name);
        throw error;
      }
      shared.listeners.add(listener);
      return {
        positions: shared.positions,
        leave() {
          if (!shared.listeners.delete(listener)) return;
          shared.members -= 1;
          // A tail that cannot be closed has already gone with its bus.
          if (shared.members === 0) close(name, shared).catch(() => undefined);
        },
      };
    },
  };
}
