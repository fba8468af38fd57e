import type { DeferredPart } from '../answer.ts';

/** Parts of an answer between those who make them and the one who reads them. */
export interface PartQueue {
  push(part: DeferredPart): void;
  /** No more will come; what is there can still be read. */
  end(): void;
  readonly parts: AsyncIterable<DeferredPart>;
}

/**
 * An empty queue, to be read once. `onReturn` is called when the reader leaves before the end: at once, even while a part
 * is awaited (which a generator would wait for).
 */
export function createPartQueue(onReturn: () => void): PartQueue {
  const ready: DeferredPart[] = [];
  const waiting: ((result: IteratorResult<DeferredPart>) => void)[] = [];
  let isEnded = false;
  const end = () => {
    isEnded = true;
    for (const resolve of waiting.splice(0)) resolve({ done: true, value: undefined });
  };
  const iterator: AsyncIterator<DeferredPart> = {
    next() {
      const part = ready.shift();
      if (part) return Promise.resolve({ done: false, value: part });
      if (isEnded) return Promise.resolve({ done: true, value: undefined });
      return new Promise((resolve) => waiting.push(resolve));
    },
    return() {
      ready.length = 0;
      if (!isEnded) onReturn();
      end();
      return Promise.resolve({ done: true, value: undefined });
    },
  };
  return {
    push(part) {
      if (isEnded) return;
      const resolve = waiting.shift();
      if (resolve) resolve({ done: false, value: part });
      else ready.push(part);
    },
    end,
    parts: { [Symbol.asyncIterator]: () => iterator },
  };
}
