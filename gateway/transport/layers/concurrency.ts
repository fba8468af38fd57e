import type { Call, Layer } from '../call.ts';
import { shed } from '../failures.ts';
import type { ConcurrencyRules } from '../traffic.ts';

interface Waiter {
  readonly call: Call;
  readonly go: () => void;
}

/**
 * Lets so many calls run at once; the others wait, first come first served, as long as their time lasts. Beyond the queue
 * SUBGRAPH_UNAVAILABLE, verdict `queue-full`. A call that waited has the verdict `queued`.
 */
export function limitConcurrency({ limit, queue }: ConcurrencyRules): Layer {
  const waiters = new Set<Waiter>();
  let running = 0;

  /** The place of a call that ended goes to whoever has waited longest. */
  function release(): void {
    const [next] = waiters;
    if (!next) {
      running -= 1;
      return;
    }
    waiters.delete(next);
    next.call.lifetime.watch(null);
    next.go();
  }

  function wait(call: Call): Promise<void> {
    call.notes.verdicts.push('queued');
    return new Promise((resolve, reject) => {
      const waiter = { call, go: resolve };
      call.lifetime.watch((error) => {
        waiters.delete(waiter);
        reject(error);
      });
      waiters.add(waiter);
    });
  }

  return (next) => async (call) => {
    const { lifetime, notes, request } = call;
    if (lifetime.error) throw lifetime.error;
    if (running < limit) running += 1;
    else if (waiters.size < queue) await wait(call);
    else {
      notes.verdicts.push('queue-full');
      throw shed(request.subgraph, 'queue-full');
    }
    try {
      return await next(call);
    } finally {
      release();
    }
  };
}
