import { backoffMs, pause } from '../backoff.ts';
import { withPatience } from './patience.ts';
import { type SessionOptions, startSession } from './session.ts';

/** A running reader. */
export interface Reader {
  close(): Promise<void>;
}

/** What to read; each new consumer asks for its group anew. */
export interface ReaderOptions extends Omit<SessionOptions, 'onDeath' | 'group'> {
  readonly group: () => string;
}

/**
 * Reads as a member of a group until closed; resolves once joined, rejects when the first joining fails. When the
 * consumer breaks later on, a new one takes its place, with back-off for as long as it takes.
 */
export async function startReader(options: ReaderOptions): Promise<Reader> {
  const { topics, logger } = options;
  const closed = new AbortController();
  let reviving: Promise<void> = Promise.resolve();
  const start = () =>
    startSession({
      ...options,
      group: options.group(),
      onDeath: () => {
        reviving = revive();
      },
    });

  async function revive(): Promise<void> {
    await session.close().catch(() => undefined);
    for (let attempt = 1; await pause(backoffMs(attempt, { firstMs: 500 }), closed.signal); attempt += 1) {
      try {
        session = await start();
        return;
      } catch (error) {
        logger.warn({ topics, err: error, attempt }, 'the Kafka consumer could not rejoin; again');
      }
    }
  }

  let session = await withPatience(start);
  return {
    close: async () => {
      closed.abort();
      await reviving;
      await session.close();
    },
  };
}
