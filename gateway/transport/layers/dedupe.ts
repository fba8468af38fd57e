import type { Call, Exchange, Layer, Reply } from '../call.ts';
import { Lifetime } from '../lifetime.ts';

/** One exchange that several calls wait for. */
interface Shared {
  /** Lasts as long as anybody waits. */
  readonly lifetime: Lifetime;
  readonly reply: Promise<Reply>;
  /** Nobody joins it any longer. */
  readonly forget: () => void;
  waiting: number;
}

/** Calls with equal keys may share an answer: same question, same caller with the same rights, same headers passed on. */
function keyOf({ request: { identity }, body, headers }: Call): string {
  const caller = identity && [
    identity.tenant,
    identity.subject,
    [...identity.scopes].sort(),
    [...identity.roles].sort(),
  ];
  return JSON.stringify([caller, headers, body]);
}

/** Waits for a shared exchange as long as the call's own time lasts; the last to leave ends it. */
function join(shared: Shared, call: Call): Promise<Reply> {
  shared.waiting += 1;
  return new Promise((resolve, reject) => {
    call.lifetime.watch((error) => {
      reject(error);
      shared.waiting -= 1;
      if (shared.waiting > 0) return;
      shared.forget();
      shared.lifetime.end(error);
    });
    shared.reply.then(resolve, reject).finally(() => call.lifetime.watch(null));
  });
}

/**
 * Equal queries under way for the same caller share one exchange; the verdict of those that joined is `deduplicated`. A client
 * that leaves takes only itself away. The bytes are shared: nobody may write to them.
 */
export function shareQueries(): Layer {
  const running = new Map<string, Shared>();

  function begin(next: Exchange, call: Call, key: string): Shared {
    const lifetime = new Lifetime({ subgraph: call.request.subgraph, timeoutMs: null });
    const forget = () => {
      if (running.get(key) === shared) running.delete(key);
    };
    const reply = next({ ...call, lifetime }).finally(() => {
      lifetime.close();
      forget();
    });
    // Everybody may have left; those who have not are told by `join`.
    reply.catch(() => undefined);
    const shared: Shared = { lifetime, reply, forget, waiting: 0 };
    running.set(key, shared);
    return shared;
  }

  return (next) => async (call) => {
    if (call.request.operation.kind !== 'query') return next(call);
    if (call.lifetime.error) throw call.lifetime.error;
    const key = keyOf(call);
    const known = running.get(key);
    const shared = known ?? begin(next, call, key);
    if (known) call.notes.verdicts.push('deduplicated');
    const reply = await join(shared, call);
    call.notes.status = reply.status;
    return reply;
  };
}
