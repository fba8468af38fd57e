/** What `next` answers: an item, or the end and why. */
export type Taken<T> = { readonly item: T } | { readonly ended: true; readonly error?: unknown };

/** Items on their way from one producer to one consumer, in order. */
export interface Queue<T> {
  readonly size: number;
  readonly ended: boolean;
  push(item: T): void;
  /** The next item, waited for. One call at a time. */
  next(): Promise<Taken<T>>;
  /** Drops what waits and ends, with an error or without. Only the first call counts. */
  end(error?: unknown): void;
  /** Resolves when fewer than `limit` items wait, or at the end. */
  room(limit: number): Promise<void>;
}

/** An empty queue. It knows no bound of its own: a producer asks for `size` or waits for `room`. */
export function createQueue<T>(): Queue<T> {
  const items: T[] = [];
  let end: { ended: true; error?: unknown } | null = null;
  let consumer: ((taken: Taken<T>) => void) | null = null;
  let producers: { limit: number; resume: () => void }[] = [];

  function wakeProducers(): void {
    const ready = producers.filter(({ limit }) => end || items.length < limit);
    producers = producers.filter((producer) => !ready.includes(producer));
    for (const { resume } of ready) resume();
  }

  function hand(taken: Taken<T>): void {
    const waiting = consumer;
    consumer = null;
    waiting?.(taken);
  }

  return {
    get size() {
      return items.length;
    },
    get ended() {
      return end !== null;
    },
    push(item) {
      if (end) return;
      if (consumer) hand({ item });
      else items.push(item);
    },
    async next() {
      if (end) return end;
      const item = items.shift();
      if (item === undefined) return new Promise((resolve) => (consumer = resolve));
      wakeProducers();
      return { item };
    },
    end(error) {
      if (end) return;
      end = error === undefined ? { ended: true } : { ended: true, error };
      items.length = 0;
      hand(end);
      wakeProducers();
    },
    room: (limit) =>
      end || items.length < limit ? Promise.resolve() : new Promise((resume) => producers.push({ limit, resume })),
  };
}
