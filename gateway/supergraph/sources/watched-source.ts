import { AppError } from '../../../lib/errors.ts';
import { type WatchTimes, watchFiles } from '../../../lib/watch-files.ts';
import type { SupergraphSource } from './source.ts';

/** A supergraph read from files, and which files it depended on. */
export interface Reading {
  readonly supergraphSdl: string;
  readonly files: readonly string[];
}

/** What a source over files is made of. */
export interface WatchedSourceOptions extends WatchTimes {
  /** Watched from the start, whatever the first reading says. */
  readonly file: string;
  /** AppError says why it cannot be read. */
  readonly read: (isFirst: boolean) => Promise<Reading>;
  /** The files to watch while they cannot be read; absent: those of the last reading. */
  readonly filesNow?: () => Promise<readonly string[]>;
}

/** Looked at so often when the system tells nothing, milliseconds. */
const DEFAULT_POLL_MS = 10_000;

/** A source that reads again after something changed beside its files. One reading at a time; equal ones are not told. */
export class WatchedSource implements SupergraphSource {
  readonly #options: WatchedSourceOptions;
  #onChange: (supergraphSdl: string) => void = () => {};
  #onError: (error: AppError) => void = () => {};
  #files: readonly string[];
  #last: string | null = null;
  #lastFailure: string | null = null;
  #watch: { close(): void } | null = null;
  #turn: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(options: WatchedSourceOptions) {
    this.#options = options;
    this.#files = [options.file];
  }

  async start(onChange: (supergraphSdl: string) => void, onError: (error: AppError) => void): Promise<string> {
    this.#onChange = onChange;
    this.#onError = onError;
    const { supergraphSdl, files } = await this.#options.read(true);
    this.#last = supergraphSdl;
    this.#follow(files);
    return supergraphSdl;
  }

  reload(): Promise<void> {
    this.#turn = this.#turn.then(() => this.#look());
    return this.#turn;
  }

  close(): void {
    this.#isClosed = true;
    this.#watch?.close();
  }

  async #look(): Promise<void> {
    if (this.#isClosed) return;
    try {
      const { supergraphSdl, files } = await this.#options.read(false);
      this.#lastFailure = null;
      this.#follow(files);
      if (supergraphSdl === this.#last || this.#isClosed) return;
      this.#last = supergraphSdl;
      this.#onChange(supergraphSdl);
    } catch (cause) {
      await this.#followWhatIsThere();
      this.#report(toAppError(cause));
    }
  }

  /** Once: polling finds the same failure again and again. The next good reading counts as new, equal or not. */
  #report(error: AppError): void {
    if (error.message === this.#lastFailure || this.#isClosed) return;
    this.#lastFailure = error.message;
    this.#last = null;
    this.#onError(error);
  }

  async #followWhatIsThere(): Promise<void> {
    const files = await this.#options.filesNow?.().catch(() => null);
    if (files) this.#follow(files);
  }

  #follow(files: readonly string[]): void {
    if (this.#isClosed) return;
    const known = this.#watch !== null && files.join('\n') === this.#files.join('\n');
    if (known) return;
    this.#watch?.close();
    this.#files = files;
    const { settleMs, pollMs = DEFAULT_POLL_MS } = this.#options;
    this.#watch = watchFiles(files, () => void this.reload(), {
      pollMs,
      ...(settleMs === undefined ? {} : { settleMs }),
    });
  }
}

function toAppError(cause: unknown): AppError {
  return cause instanceof AppError
    ? cause
    : new AppError('SUPERGRAPH_INVALID', 'The supergraph could not be read.', { cause });
}
