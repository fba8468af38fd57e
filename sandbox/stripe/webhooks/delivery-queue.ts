import type { Ledger, LedgerKey } from '../ledger.ts';

/** A webhook that has not been acknowledged yet. */
export interface Delivery {
  readonly account: string;
  readonly eventId: string;
  /** Attempts made so far. */
  readonly attempts: number;
  /** Milliseconds since the epoch at which it was first due. */
  readonly since: number;
}

/** A delivery and its place in the queue. */
export interface Due {
  readonly key: LedgerKey;
  readonly delivery: Delivery;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** What is still to be posted, on disk, by the moment it is due. Add inside `ledger.write`. */
export interface DeliveryQueue {
  add(delivery: Delivery, at: number): void;
  /** In order of being due, from the first. */
  all(): Iterable<Due>;
  /** Forgets a delivery that was acknowledged or given up. */
  settle(due: Due): void;
  /** Puts a delivery off. */
  postpone(due: Due, at: number): void;
}

/** The queue in the ledger. */
export function openDeliveryQueue(ledger: Ledger): DeliveryQueue {
  const rows = ledger.database<Delivery>('deliveries');
  const add = (delivery: Delivery, at: number) => {
    rows.putSync([at, ledger.nextSeq()], delivery);
  };
  return {
    add,
    all: function* () {
      for (const { key, value } of rows.getRange()) yield { key, delivery: value, at: Number(key[0]) };
    },
    settle: ({ key }) => {
      rows.removeSync(key);
    },
    postpone: ({ key, delivery }, at) =>
      ledger.write(() => {
        add({ ...delivery, attempts: delivery.attempts + 1 }, at);
        rows.removeSync(key);
      }),
  };
}
