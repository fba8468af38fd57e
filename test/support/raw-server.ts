import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Document, Long, UUID } from 'bson';
import { createFrozenClock } from '../../lib/clock.ts';
import { createEmbeddedServer, type EmbeddedServer } from '../../store/embedded/serve/create-server.ts';
import { dial, type RawClient } from './raw-wire.ts';

/** The embedded store in this thread, at a clock that stands, spoken to without a driver. */
export interface RawServer {
  readonly clock: ReturnType<typeof createFrozenClock>;
  /** What was reported as a fault of the store's own. */
  readonly faults: unknown[];
  /** Sends a command to the database `test` unless it names another; over a connection of its own when others are under way. */
  command(document: Document): Promise<Document>;
  /** Closes the store and opens it again over the same file. */
  reopen(): Promise<void>;
  close(): Promise<void>;
}

/** A session as a driver names it. */
export interface RawSession {
  readonly lsid: Document;
  /** What a retryable write under a number says beside its own fields. */
  write(number: number): Document;
  /** What a command of a transaction says: the first one starts it. */
  within(number: number, isFirst?: boolean): Document;
  commit(number: number): Document;
  abort(number: number): Document;
}

export function toRawSession(): RawSession {
  const lsid = { id: new UUID() };
  const write = (number: number) => ({ lsid, txnNumber: Long.fromNumber(number) });
  const within = (number: number, isFirst = false) => ({
    ...write(number),
    autocommit: false,
    ...(isFirst ? { startTransaction: true } : {}),
  });
  return {
    lsid,
    write,
    within,
    commit: (number) => ({ commitTransaction: 1, ...within(number), $db: 'admin' }),
    abort: (number) => ({ abortTransaction: 1, ...within(number), $db: 'admin' }),
  };
}

/** Opens a store in a new folder, which goes away with `close`. */
export async function openRawServer(): Promise<RawServer> {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-raw-'));
  const clock = createFrozenClock(1_700_000_000_000);
  const faults: unknown[] = [];
  const socketPath = join(folder, 's.sock');
  const open = () =>
    createEmbeddedServer({ file: join(folder, 'data.mdb'), socketPath, clock, onFailure: (it) => faults.push(it) });
  let server: EmbeddedServer = await open();
  const idle: RawClient[] = [];
  const closeClients = () => {
    for (const client of idle.splice(0)) client.close();
  };
  return {
    clock,
    faults,
    command: async (document) => {
      const client = idle.pop() ?? (await dial(socketPath));
      const answer = await client.command({ ...document, $db: document['$db'] ?? 'test' });
      idle.push(client);
      return answer;
    },
    reopen: async () => {
      closeClients();
      await server.close();
      server = await open();
    },
    close: async () => {
      closeClients();
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
