import { describe, expect, it } from 'vitest';
import { AppError, ERRORS, type ErrorCode, isErrorCode } from '../../lib/errors.ts';

const codes = Object.keys(ERRORS) as ErrorCode[];

describe('ERRORS', () => {
  it.each(codes)('says what %s means: a code, an HTTP error status, a sentence', (code) => {
    const { status, meaning } = ERRORS[code];
    expect(code).toMatch(/^[A-Z]+(_[A-Z]+)*$/);
    // Apollo's clients look for the codes of persisted queries in answers that are well.
    expect(status).toBeGreaterThanOrEqual(code.startsWith('PERSISTED_QUERY_') ? 200 : 400);
    expect(status).toBeLessThanOrEqual(599);
    expect(meaning).toMatch(/^[A-Z].*\.$/);
  });

  it('calls retryable, among the faults of a client, only those of timing and pace (RFC 9110 §15.5.9, RFC 6585 §4)', () => {
    const statuses = codes.filter((code) => ERRORS[code].retryable).map((code) => ERRORS[code].status);
    expect(statuses.filter((status) => status < 500 && status !== 408 && status !== 429)).toEqual([]);
    expect([ERRORS.SUBGRAPH_UNAVAILABLE.retryable, ERRORS.SHUTTING_DOWN.retryable]).toEqual([true, true]);
  });

  it('never says the same thing twice', () => {
    expect(new Set(codes.map((code) => ERRORS[code].meaning)).size).toBe(codes.length);
  });
});

describe('AppError', () => {
  it('takes status and retryability from its code', () => {
    for (const code of codes) {
      const { status, retryable } = new AppError(code, 'text');
      expect({ status, retryable }, code).toEqual({ status: ERRORS[code].status, retryable: ERRORS[code].retryable });
    }
  });

  it('keeps facts for the caller and the cause for the log apart', () => {
    const cause = new Error('secret');
    const error = new AppError('FORBIDDEN', 'text', { cause, extensions: { missingScopes: ['a'] } });
    expect([error.name, error.message, error.cause, error.extensions]).toEqual([
      'AppError',
      'text',
      cause,
      { missingScopes: ['a'] },
    ]);
  });

  it('has no cause and no facts unless told', () => {
    const error = new AppError('CONFLICT', 'text');
    expect(['cause' in error, error.extensions, error instanceof Error]).toEqual([false, {}, true]);
  });
});

it.each([
  ['NOT_FOUND', true],
  ['not_found', false],
  ['toString', false],
  ['__proto__', false],
  [404, false],
  [null, false],
])('isErrorCode(%j) is %s', (value, expected) => {
  expect(isErrorCode(value)).toBe(expected);
});
