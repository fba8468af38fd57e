import { AppError, type ErrorCode } from '../../lib/errors.ts';

/** A request that HTTP itself refuses, with the headers its answer needs (`Allow`, `Accept-Encoding`…). */
export class Refusal extends AppError {
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: ErrorCode, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(code, message);
    this.name = 'Refusal';
    this.headers = headers;
  }
}

/** 405, naming what is allowed (RFC 9110 §15.5.6). */
export function methodNotAllowed(allow: string, message = `Only ${allow} is served here.`): Refusal {
  return new Refusal('METHOD_NOT_ALLOWED', message, { allow });
}
