import { createHash } from 'node:crypto';
import type { Clock } from '../../lib/clock.ts';
import { AppError } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import type { Engine } from '../engine.ts';
import { type BuiltEngine, createGeneration, type Generation } from './generation.ts';
import type { SchemaStatus, SwapOutcome } from './schema-status.ts';

/** What a live engine is made of. */
export interface GenerationsOptions {
  /** Makes the engine of one schema, ready to serve: plans warmed with what `previous` has. */
  readonly build: (supergraphSdl: string, previous: Engine | null) => Promise<BuiltEngine>;
  /** Told of every failure, once it is in the log and the status. It must not throw. */
  readonly onSchemaError?: ((error: AppError) => void) | undefined;
  /** Milliseconds that operations on an old schema get to end. @default 30 000 */
  readonly graceMs?: number;
  /** Milliseconds for which an old schema nobody uses stays open. @default 100 */
  readonly lingerMs?: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The schema that serves, those that still finish, and how one follows the other. */
export interface Generations {
  readonly current: Generation | null;
  swap(supergraphSdl: string): Promise<SwapOutcome>;
  onChange(listener: () => void): () => void;
  reportFailure(error: AppError): void;
  /** Resolves when no swap is under way. */
  settled(): Promise<void>;
  status(): SchemaStatus;
  close(): Promise<void>;
}

const DEFAULT_GRACE_MS = 30_000;
const DEFAULT_LINGER_MS = 100;

class TurnTaking implements Generations {
  readonly #options: GenerationsOptions;
  readonly #listeners = new Set<() => void>();
  readonly #retiring = new Set<Generation>();
  #current: Generation | null = null;
  #status: Omit<SchemaStatus, 'retiring'> = { generation: 0, since: null, hash: null, failures: 0, failure: null };
  #turn: Promise<unknown> = Promise.resolve();
  #newest = 0;
  #isClosed = false;

  constructor(options: GenerationsOptions) {
    this.#options = options;
  }

  get current(): Generation | null {
    return this.#current;
  }

  swap(supergraphSdl: string): Promise<SwapOutcome> {
    this.#newest += 1;
    const ticket = this.#newest;
    const swapped = this.#turn.then(() => (ticket === this.#newest ? this.#replace(supergraphSdl) : 'superseded'));
    this.#turn = swapped.catch(() => null);
    return swapped;
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  reportFailure(error: AppError): void {
    const { clock, logger, onSchemaError } = this.#options;
    const { failures } = this.#status;
    this.#status = { ...this.#status, failures: failures + 1, failure: { error, at: clock.now() } };
    const { generation } = this.#status;
    const served = generation > 0 ? 'The old one serves on.' : 'None serves yet.';
    logger.error({ err: error, generation }, `A schema was refused or could not be had. ${served}`);
    onSchemaError?.(error);
  }

  async settled(): Promise<void> {
    await this.#turn;
  }

  status(): SchemaStatus {
    return { ...this.#status, retiring: this.#retiring.size };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#turn;
    await Promise.all([this.#current?.close(), ...[...this.#retiring].map((generation) => generation.close())]);
  }

  async #replace(supergraphSdl: string): Promise<SwapOutcome> {
    if (this.#isClosed) return 'superseded';
    const hash = createHash('sha256').update(supergraphSdl).digest('hex');
    if (hash === this.#status.hash) {
      this.#status = { ...this.#status, failure: null };
      return 'unchanged';
    }
    const next = await this.#build(supergraphSdl);
    if (this.#isClosed) {
      await next.close();
      return 'superseded';
    }
    this.#serve(next, hash);
    return 'swapped';
  }

  async #build(supergraphSdl: string): Promise<Generation> {
    const { build, lingerMs = DEFAULT_LINGER_MS, graceMs = DEFAULT_GRACE_MS } = this.#options;
    try {
      const built = await build(supergraphSdl, this.#current?.engine ?? null);
      return createGeneration({
        ...built,
        number: this.#status.generation + 1,
        lingerMs,
        graceMs,
        onClosed: (generation, failure) => this.#onClosed(generation, failure),
      });
    } catch (cause) {
      const error = cause instanceof AppError ? cause : notBuilt(cause);
      this.reportFailure(error);
      throw error;
    }
  }

  /** One synchronous step: no operation finds anything between the old and the new. */
  #serve(next: Generation, hash: string): void {
    const { clock, logger } = this.#options;
    const old = this.#current;
    this.#current = next;
    const { number: generation } = next;
    this.#status = { ...this.#status, generation, since: clock.now(), hash, failure: null };
    if (!old) return;
    logger.info({ generation, hash }, 'A new schema serves.');
    this.#retiring.add(old);
    for (const listener of this.#listeners) listener();
    old.retire();
  }

  #onClosed(generation: Generation, failure: unknown): void {
    this.#retiring.delete(generation);
    const { logger } = this.#options;
    if (failure) logger.error({ err: failure, generation: generation.number }, 'An old schema did not close.');
  }
}

function notBuilt(cause: unknown): AppError {
  return new AppError('SUPERGRAPH_INVALID', 'No engine could be made for the supergraph.', { cause });
}

/** No schema yet. */
export function createGenerations(options: GenerationsOptions): Generations {
  return new TurnTaking(options);
}
