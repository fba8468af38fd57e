import type { Layer } from '../call.ts';
import { Lifetime } from '../lifetime.ts';

/** Gives each try so many milliseconds of the call's time: SUBGRAPH_TIMEOUT then, verdict `try-timed-out`. */
export function limitTry(timeoutMs: number): Layer {
  return (next) => async (call) => {
    const { lifetime, notes, request } = call;
    if (lifetime.error) throw lifetime.error;
    const own = new Lifetime({ subgraph: request.subgraph, timeoutMs });
    lifetime.watch((error) => own.end(error));
    try {
      return await next({ ...call, lifetime: own });
    } finally {
      if (own.error && !lifetime.error) notes.verdicts.push('try-timed-out');
      lifetime.watch(null);
      own.close();
    }
  };
}
