import type { ServerResponse } from 'node:http';

/** Resolves when the client has taken what was written, or has gone; one that takes nothing for `timeoutMs` is cut off. */
export function drained(response: ServerResponse, timeoutMs: number): Promise<void> {
  if (response.destroyed || !response.writableNeedDrain) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(() => response.destroy(), timeoutMs);
    const done = () => {
      clearTimeout(timer);
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.on('drain', done);
    response.on('close', done);
  });
}
