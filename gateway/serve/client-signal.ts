import type { ServerResponse } from 'node:http';

/** A signal that is aborted when the client goes before it has its answer; made only when somebody asks for it. */
export function createClientSignal(response: ServerResponse): () => AbortSignal {
  let controller: AbortController | null = null;
  return () => {
    if (controller) return controller.signal;
    const made = new AbortController();
    controller = made;
    if (response.destroyed && !response.writableFinished) made.abort();
    else
      response.once('close', () => {
        if (!response.writableFinished) made.abort();
      });
    return made.signal;
  };
}
