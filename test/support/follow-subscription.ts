import { subscribe } from '../../app/demo/graph-client.ts';
import type { OwnServer } from './own-server.ts';

/** A subscriber that comes back with its last cursor whenever its stream breaks. */
export interface FollowedSubscription {
  /** The `data` of every message so far. */
  // biome-ignore lint/suspicious/noExplicitAny: the shape is that of the operation the test wrote
  readonly messages: readonly any[];
  /** Where it stands; null before the first stream is open. */
  cursor(): string | null;
  stop(): void;
}

/** Follows a subscription over every kill and restart of the server. */
export function followSubscription({ url, token }: OwnServer, role: string, query: string): FollowedSubscription {
  const messages: unknown[] = [];
  let stopped = false;
  let cursor = (): string | null => null;
  const follow = async () => {
    const stream = await subscribe({ url, token: await token(role), query, lastEventId: cursor() });
    cursor = stream.cursor;
    for (let message = await stream.next(); message && !stopped; message = await stream.next())
      if (message.data?.data) messages.push(message.data.data);
    stream.close();
  };
  const run = async () => {
    while (!stopped) {
      await follow().catch(() => null);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  void run();
  const stop = () => {
    stopped = true;
  };
  return { messages, cursor: () => cursor(), stop };
}
