import type { Cursors } from '../cursors/cursors.ts';
import type { Entry, KeyCount, KeyRange, Reader } from '../disk/reader.ts';
import type { Engine } from '../engine/engine.ts';
import type { RetryableWrite } from '../engine/retryable-write.ts';
import { toSession } from '../engine/session-records.ts';
import type { Transaction } from '../engine/transactions.ts';
import type { WorkUnit } from '../engine/work-unit.ts';
import { MongoError } from '../mongo-error.ts';
import { nextTurn } from '../query/scan.ts';
import type { Document } from '../value/codec.ts';

/** What a command answers: a document, with the documents of a cursor batch as raw BSON beside it. */
export interface Reply {
  readonly document: Document;
  readonly batch?: CursorBatch;
}

/** One batch of a cursor. */
export interface CursorBatch {
  readonly field: 'firstBatch' | 'nextBatch';
  readonly documents: readonly Uint8Array[];
  /** 0n when there are no more. */
  readonly id: bigint;
  readonly namespace: string;
  readonly postBatchResumeToken?: Document;
}

/** A command as it arrived. */
export interface Request {
  readonly name: string;
  readonly body: Document;
  /** The documents of an insert, as sent. */
  readonly documents: readonly Uint8Array[];
}

/** One command on its way: what it reads through, what it has written so far. */
export class CommandRun implements Reader {
  readonly engine: Engine;
  readonly cursors: Cursors;
  readonly request: Request;
  readonly transaction: Transaction | null;
  /** What was done of it when it was sent before. */
  retry: RetryableWrite | null = null;
  readonly #commits: Promise<void>[] = [];
  #unit: WorkUnit;

  constructor(engine: Engine, cursors: Cursors, request: Request, transaction: Transaction | null) {
    this.engine = engine;
    this.cursors = cursors;
    this.request = request;
    this.transaction = transaction;
    this.#unit = transaction?.unit ?? engine.begin();
  }

  get body(): Document {
    return this.request.body;
  }

  get unit(): WorkUnit {
    return this.#unit;
  }

  get database(): string {
    const database = this.body['$db'];
    if (typeof database !== 'string' || database === '')
      throw new MongoError('InvalidNamespace', 'A command needs a $db');
    return database;
  }

  /** `database.collection` of the command, whose first value is the collection. */
  get namespace(): string {
    const collection = this.body[this.request.name];
    if (typeof collection !== 'string' || collection === '')
      throw new MongoError('InvalidNamespace', `${this.request.name} needs the name of a collection`);
    return `${this.database}.${collection}`;
  }

  /** The name of the client's session, or null. */
  get session(): string | null {
    const lsid = this.body['lsid'];
    return lsid === undefined ? null : toSession(lsid);
  }

  get(key: string): Uint8Array | undefined {
    return this.#unit.get(key);
  }

  range(range: KeyRange, limit: number, reverse = false): Entry[] {
    return this.#unit.range(range, limit, reverse);
  }

  count(range: KeyRange, limit: number): KeyCount {
    return this.#unit.count(range, limit);
  }

  get version(): number {
    return this.#unit.version;
  }

  /** Lets other commands run. Outside a transaction what was written so far is committed: others must not write below it. */
  async pause(): Promise<void> {
    if (!this.transaction && this.#unit.overlay.writes.size > 0) {
      const commit = this.#commitUnit();
      commit.catch(() => undefined);
      this.#commits.push(commit);
      this.#unit = this.engine.begin();
    }
    await nextTurn();
  }

  #commitUnit(): Promise<void> {
    const { overlay } = this.#unit;
    if (overlay.writes.size > 0) this.retry?.save(overlay, new Date(this.engine.clock.now()));
    return this.engine.commit(this.#unit);
  }

  /** Commits what a command outside a transaction wrote; resolves when all of it is on disk. */
  async commit(): Promise<void> {
    if (this.transaction) return;
    await Promise.all([...this.#commits, this.#commitUnit()]);
  }
}
