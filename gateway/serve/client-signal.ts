import type { ServerResponse } from 'node:http';

/**
 * A signal that is aborted when the client goes before it has its answer. Made at once, although not every operation asks for
 * it: a getter in an object literal gives every such object a shape of its own, which costs many times what a signal does.
 */
export function clientSignal(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) controller.abort();
  });
  return controller.signal;
}
