import type { AppError } from '../../../lib/errors.ts';

/** Where supergraphs come from, the first one and those that follow. */
export interface SupergraphSource {
  /**
   * Resolves with the first supergraph; from then on `onChange` gets each that differs from the last, and `onError` why none
   * could be had. Neither is called after `close`. Rejects with AppError SUPERGRAPH_INVALID or SCHEMA_UNAVAILABLE when there is
   * no first one; a patient source tells `onError` of each try and goes on trying.
   */
  start(onChange: (supergraphSdl: string) => void, onError: (error: AppError) => void): Promise<string>;
  /** Whether a gateway starts before the first supergraph is there, not ready until it is. @default false */
  readonly isPatient?: boolean;
  /** Looks now instead of when it next would. @default nothing is looked at */
  reload?(): Promise<void>;
  close(): void | Promise<void>;
}

/** A supergraph that stays what it is. */
export function fromText(supergraphSdl: string): SupergraphSource {
  return { start: async () => supergraphSdl, close: () => {} };
}
