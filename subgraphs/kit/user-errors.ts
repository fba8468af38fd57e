/** Codes of `UserError`: why a mutation did nothing. docs/crm.md lists them. */
export type UserErrorCode =
  | 'REQUIRED'
  | 'INVALID'
  | 'TOO_LONG'
  | 'OUT_OF_RANGE'
  | 'NOT_FOUND'
  | 'DELETED'
  | 'CONFLICT'
  | 'CYCLE'
  | 'LIFECYCLE_BACKWARD'
  | 'IDEMPOTENCY_MISMATCH';

/** Why a mutation did nothing, for the person who asked for it. */
export interface UserError {
  readonly code: UserErrorCode;
  readonly message: string;
  /** Begins with `input`; list indices as text. */
  readonly path: readonly string[];
}

/** Collects what is wrong with an input; nothing may be written unless it is empty. */
export class UserErrors {
  readonly list: UserError[] = [];

  /** `path` as dotted text below `input`: `emails.0.address`. */
  add(code: UserErrorCode, path: string, message: string): void {
    this.list.push({ code, message, path: ['input', ...path.split('.').filter(Boolean)] });
  }

  get isEmpty(): boolean {
    return this.list.length === 0;
  }
}
