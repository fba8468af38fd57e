import type { GraphQLRequest, PreparedOperation } from '../engine.ts';
import type { Generation } from './generation.ts';

/** By whom an operation was prepared, and from what. */
export interface Origin {
  readonly generation: Generation;
  readonly request: GraphQLRequest;
}

const ORIGIN = Symbol('origin');

interface Stamped extends PreparedOperation {
  [ORIGIN]?: Origin;
}

/**
 * Notes on the operation itself where it comes from. A WeakMap would be cleaner and cost 3 to 5 µs an operation: each short-lived
 * key in it is work for the garbage collector. A copy would not do: engines know their operations by identity.
 */
export function stampOrigin(operation: PreparedOperation, origin: Origin): void {
  (operation as Stamped)[ORIGIN] = origin;
}

/** Where an operation comes from; undefined when no live engine prepared it. */
export function originOf(operation: PreparedOperation): Origin | undefined {
  return (operation as Stamped)[ORIGIN];
}
