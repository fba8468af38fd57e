import type { AppError } from '../../lib/errors.ts';

/** Which schema is served, and how the last attempt to change it went. */
export interface SchemaStatus {
  /** Counts the schemas served so far, this one included; 0 before the first. */
  readonly generation: number;
  /** When it began to serve, milliseconds since the epoch; null before the first. */
  readonly since: number | null;
  /** SHA-256 of the supergraph SDL, in hexadecimal; null before the first. */
  readonly hash: string | null;
  /** Schemas refused since the start, and failures to read one. */
  readonly failures: number;
  /** The last failure, unless a schema has come since. */
  readonly failure: { readonly error: AppError; readonly at: number } | null;
  /** Earlier generations that still finish what they run. */
  readonly retiring: number;
}

/** How a swap ended. `superseded`: a newer schema came before this one was built. */
export type SwapOutcome = 'swapped' | 'unchanged' | 'superseded';

/** What of the status anybody may know: `/health/ready` says it. */
export interface SchemaHealth {
  readonly generation: number;
  /** The code of why the schema offered last was refused or could not be had; null while that one serves. */
  readonly refused: string | null;
}

/** The status without anything of a schema: no hash, no message. */
export function toSchemaHealth({ generation, failure }: SchemaStatus): SchemaHealth {
  return { generation, refused: failure?.error.code ?? null };
}
