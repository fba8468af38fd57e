import type { Batch, Batches } from '../cursors/cursors.ts';
import type { LoggedChange } from '../engine/change.ts';
import type { Engine } from '../engine/engine.ts';
import { MongoError } from '../mongo-error.ts';
import { nextTurn } from '../query/scan.ts';
import type { Document } from '../value/codec.ts';
import { toEvent, toInvalidate } from './change-event.ts';
import { toToken } from './resume-token.ts';
import type { StreamOptions } from './stream-options.ts';
import { shapeEvents } from './stream-pipeline.ts';
import type { StreamScope } from './stream-scope.ts';

/** What a change stream is opened with. */
export interface ChangeStreamSpec {
  readonly engine: Engine;
  readonly scope: StreamScope;
  readonly options: StreamOptions;
  readonly stages: readonly Document[];
  readonly variables: Document | undefined;
}

/** Changes read from the log at a time. */
const READ_AHEAD = 100;
/** Events of one batch at most, and bytes of their documents after which it ends. */
const MAX_EVENTS = 1000;
const MAX_BYTES = 8 * 1024 * 1024;
/** Milliseconds a stream may hold the thread while it looks for its events. */
const SLICE_MS = 5;

function historyLost(): MongoError {
  return new MongoError(
    'ChangeStreamHistoryLost',
    'Resume of change stream was not possible, as the resume point may no longer be kept.',
    { errorLabels: ['NonResumableChangeStreamError'] },
  );
}

/** A change stream: waits for changes on disk and tells those in its scope, until what it watches is gone. */
export class ChangeStream implements Batches {
  readonly #spec: ChangeStreamSpec;
  readonly #killed = new AbortController();
  #sequence: number;
  /** The change that ends the stream, told but for the end itself. */
  #ending: LoggedChange | null = null;
  #isOver = false;

  /** MongoError ChangeStreamHistoryLost when changes after its start are no longer kept. */
  constructor(spec: ChangeStreamSpec) {
    this.#spec = spec;
    const { engine, options } = spec;
    const { resume, startAt } = options;
    const { changes } = engine;
    const start = resume ? resume.sequence : startAt ? changes.before(startAt) : changes.durable;
    if (start === null || !changes.isKept(start)) throw historyLost();
    this.#sequence = start;
    const told = resume && !resume.isInvalidate ? changes.at(start) : null;
    if (told) this.#noteEnd(told);
  }

  #noteEnd(change: LoggedChange): void {
    const { scope } = this.#spec;
    if (scope.sees(change) && scope.isEndedBy(change)) this.#ending = change;
  }

  /** MongoError CursorKilled when it is closed meanwhile. */
  async next(count: number, maxTimeMs: number): Promise<Batch> {
    const { changes } = this.#spec.engine;
    const deadline = performance.now() + maxTimeMs;
    for (;;) {
      if (!changes.isClosed && !changes.isKept(this.#sequence)) throw historyLost();
      const documents = await this.#read(Math.min(count, MAX_EVENTS));
      const left = deadline - performance.now();
      if (documents.length > 0 || this.#isOver || left <= 0 || changes.isClosed)
        return { documents, isDone: this.#isOver, resumeToken: this.#token() };
      await changes.wait(left, this.#killed.signal);
      if (this.#killed.signal.aborted) throw new MongoError('CursorKilled', 'The cursor was killed');
    }
  }

  #token(): Document {
    return toToken({ sequence: this.#sequence, isInvalidate: this.#isOver });
  }

  /** The events there are, `count` at most. Other commands run meanwhile. */
  async #read(count: number): Promise<Uint8Array[]> {
    let deadline = performance.now() + SLICE_MS;
    const documents: Uint8Array[] = [];
    let size = 0;
    while (documents.length < count && size < MAX_BYTES) {
      const events = this.#take(count - documents.length, MAX_BYTES - size);
      if (!events) break;
      const { stages, variables } = this.#spec;
      for (const bytes of shapeEvents(events, stages, variables)) {
        documents.push(bytes);
        size += bytes.length;
      }
      if (performance.now() < deadline) continue;
      await nextTurn();
      deadline = performance.now() + SLICE_MS;
    }
    return documents;
  }

  /** Events of the next few changes, before the stages; null when there is nothing more to read. */
  #take(count: number, mostBytes: number): Document[] | null {
    if (this.#ending) return this.#end(this.#ending);
    if (this.#isOver || count <= 0) return null;
    const changes = this.#spec.engine.changes.after(this.#sequence, READ_AHEAD);
    if (changes.length === 0) return null;
    const events: Document[] = [];
    let size = 0;
    for (const change of changes) {
      if (this.#isSeen(change)) events.push(toEvent(this.#spec.engine, change, this.#spec.options));
      this.#sequence = change.sequence;
      this.#noteEnd(change);
      size += (change.bytes?.length ?? 0) + (change.before?.length ?? 0);
      if (this.#ending || events.length >= count || size >= mostBytes) break;
    }
    return events;
  }

  #isSeen(change: LoggedChange): boolean {
    const { scope, options } = this.#spec;
    return scope.sees(change) && (options.startAt === null || change.time.greaterThanOrEqual(options.startAt));
  }

  #end(ending: LoggedChange): Document[] {
    this.#ending = null;
    this.#isOver = true;
    return [toInvalidate(ending)];
  }

  close(): void {
    this.#killed.abort();
  }
}
