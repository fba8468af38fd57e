import type { Engine } from '../engine.ts';

/** An engine for one version of the schema, and what is closed with it. */
export interface BuiltEngine {
  readonly engine: Engine;
  /** Closes the engine and whatever was made for it alone. */
  close(): Promise<void>;
}

/** One version of the schema while somebody uses it. */
export interface Generation {
  /** 1 for the first, then upwards. */
  readonly number: number;
  readonly engine: Engine;
  readonly isClosed: boolean;
  /** Keeps it open until what is returned has been called. */
  hold(): () => void;
  /** Closes it once nobody has held it for `lingerMs`, or after `graceMs` in any case. */
  retire(): void;
  /** Closes it now. Never rejects. */
  close(): Promise<void>;
}

/** What a generation is made of. */
export interface GenerationOptions extends BuiltEngine {
  readonly number: number;
  /** Milliseconds between the last use and the end: an operation may be prepared and not yet running. */
  readonly lingerMs: number;
  /** Milliseconds that running operations get to end. */
  readonly graceMs: number;
  /** Told at the end, with what closing failed with. */
  readonly onClosed: (generation: Generation, failure: unknown) => void;
}

/** A generation that serves. */
export function createGeneration(options: GenerationOptions): Generation {
  const { number, engine, lingerMs, graceMs } = options;
  let holders = 0;
  let isRetired = false;
  let closing: Promise<void> | null = null;
  let linger: NodeJS.Timeout | undefined;
  let grace: NodeJS.Timeout | undefined;

  async function end(): Promise<void> {
    clearTimeout(linger);
    clearTimeout(grace);
    let failure: unknown = null;
    await options.close().catch((error: unknown) => {
      failure = error;
    });
    options.onClosed(generation, failure);
  }
  function close(): Promise<void> {
    closing ??= end();
    return closing;
  }
  function closeWhenIdle(): void {
    if (!isRetired || holders > 0 || closing) return;
    clearTimeout(linger);
    linger = setTimeout(() => holders === 0 && void close(), lingerMs).unref();
  }
  const generation: Generation = {
    number,
    engine,
    get isClosed() {
      return closing !== null;
    },
    hold() {
      holders += 1;
      let isHeld = true;
      return () => {
        if (!isHeld) return;
        isHeld = false;
        holders -= 1;
        closeWhenIdle();
      };
    },
    retire() {
      if (isRetired) return;
      isRetired = true;
      grace = setTimeout(() => void close(), graceMs).unref();
      closeWhenIdle();
    },
    close,
  };
  return generation;
}
