/** Why operations and executions are not for the fast path: labels of a counter, so they are few and fixed. */
export const LEAVE_REASONS = [
  // What an operation or its plan is: decided when it is compiled.
  'mutation',
  'deferred',
  'denied',
  'introspection',
  'abstract-type',
  'rewrite',
  'overlap',
  'nested-list',
  'representation',
  'unserved-field',
  // What happened: decided by this execution.
  'transport',
  'aborted',
  'fetch-failed',
  'status',
  'errors',
  'reply',
  'size',
  'fault',
] as const;

/** A label of the counter. */
export type LeaveReason = (typeof LEAVE_REASONS)[number];

/** Thrown while compiling an operation that the fast path does not serve. */
export class Unplain extends Error {
  readonly reason: LeaveReason;

  constructor(reason: LeaveReason) {
    super(`Not for the fast path: ${reason}.`);
    this.name = 'Unplain';
    this.reason = reason;
  }
}
