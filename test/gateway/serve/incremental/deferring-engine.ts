import { Answer, type DeferredPart, type PendingPart } from '../../../../gateway/answer.ts';
import type { Engine, GraphQLRequest } from '../../../../gateway/engine.ts';

/** A source of parts that a test feeds by hand. */
export class PartSource implements AsyncIterable<DeferredPart> {
  /** Whether the reader went before the end. */
  returned = false;
  #waiting: ((result: IteratorResult<DeferredPart, undefined>) => void) | null = null;
  #fail: ((error: Error) => void) | null = null;
  readonly #ready: (DeferredPart | Error | null)[] = [];

  push(part: Partial<DeferredPart> & { id: string }): void {
    this.#give({ data: {}, errors: [], pending: [], ...part });
  }
  end(): void {
    this.#give(null);
  }
  fail(error: Error): void {
    this.#give(error);
  }

  #give(item: DeferredPart | Error | null): void {
    this.#ready.push(item);
    this.#settle();
  }

  #settle(): void {
    if (!this.#waiting || this.#ready.length === 0) return;
    const [item, resolve, reject] = [this.#ready.shift(), this.#waiting, this.#fail];
    this.#waiting = null;
    if (item instanceof Error) reject?.(item);
    else resolve(item ? { done: false, value: item } : { done: true, value: undefined });
  }

  [Symbol.asyncIterator](): AsyncIterator<DeferredPart, undefined> {
    return {
      next: () =>
        new Promise((resolve, reject) => {
          [this.#waiting, this.#fail] = [resolve, reject];
          this.#settle();
        }),
      return: async () => {
        this.returned = true;
        return { done: true, value: undefined };
      },
    };
  }
}

/** What an engine was asked, and the parts of its answers: it announces `pending` whenever the client takes parts. */
export interface Deferring {
  readonly requests: GraphQLRequest[];
  readonly signals: AbortSignal[];
  source: PartSource;
  wrap(engine: Engine): Engine;
}

/** Lets a real engine answer, and adds parts that come later. */
export function createDeferring(pending: readonly PendingPart[]): Deferring {
  const deferring: Deferring = {
    requests: [],
    signals: [],
    source: new PartSource(),
    wrap: (engine) => {
      const incremental = new WeakSet<object>();
      return {
        ...engine,
        async prepare(request, identity, context) {
          deferring.requests.push(request);
          const operation = await engine.prepare(request, identity, context);
          if (request.incremental) incremental.add(operation);
          return operation;
        },
        async execute(operation, context) {
          deferring.signals.push(context.signal);
          const answer = await engine.execute(operation, context);
          if (!incremental.has(operation)) return answer;
          return Answer.ofResult(answer.result, { pending, parts: deferring.source });
        },
      };
    },
  };
  return deferring;
}
