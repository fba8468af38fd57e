import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toSubgraphResponse } from '../../../gateway/transport/response-body.ts';

const CORPUS = new URL('../../../../shared/data/security/json-parsing/cases.json', import.meta.url);

interface Case {
  readonly name: string;
  readonly expect: 'accept' | 'reject' | 'either';
  readonly base64: string;
}

/** What bytes are read as: `result`, or the code of the failure. */
function read(bytes: Buffer, status = 200): string {
  try {
    toSubgraphResponse(status, bytes, 'crm');
    return 'result';
  } catch (error) {
    expect(error).toMatchObject({ extensions: { service: 'crm' } });
    return (error as { code: string }).code;
  }
}

describe('the body of a response', () => {
  it('is a result or a failure with a code, whatever the bytes', () => {
    const pieces = fc.constantFrom(
      '{',
      '}',
      '"data"',
      '"errors"',
      ':',
      ',',
      '[',
      ']',
      'null',
      '{"message":"m"}',
      '1',
      '\ud800',
    );
    const text = fc.array(pieces, { maxLength: 12 }).map((parts) => Buffer.from(parts.join('')));
    const bytes = fc.oneof(
      text,
      fc.uint8Array({ maxLength: 40 }).map((given) => Buffer.from(given)),
    );
    fc.assert(
      fc.property(bytes, fc.constantFrom(200, 400, 500, 503), (given, status) => {
        expect(['result', 'SUBGRAPH_INVALID_RESPONSE', 'SUBGRAPH_UNAVAILABLE']).toContain(read(given, status));
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['{"data":{}}', 'result'],
    ['{"data":null,"errors":[{"message":"m"}]}', 'result'],
    ['{"errors":[{"message":"m"}]}', 'result'],
    ['{"data":{},"errors":[]}', 'result'],
    ['{"data":{},"errors":null}', 'result'],
    ['{"data":{},"errors":[{}]}', 'SUBGRAPH_INVALID_RESPONSE'],
    ['{"data":{},"errors":{}}', 'SUBGRAPH_INVALID_RESPONSE'],
    ['{"data":[]}', 'SUBGRAPH_INVALID_RESPONSE'],
    ['{"errors":[]}', 'SUBGRAPH_INVALID_RESPONSE'],
    ['null', 'SUBGRAPH_INVALID_RESPONSE'],
  ])('%s is read as %s', (text, expected) => {
    expect(read(Buffer.from(text))).toBe(expected);
  });

  const cases = existsSync(CORPUS) ? (JSON.parse(readFileSync(CORPUS, 'utf8')) as readonly Case[]) : [];
  if (cases.length === 0) console.warn('SKIPPED: the JSON parsing cases are not beside the project.');
  it.skipIf(cases.length === 0)('holds JSON as RFC 8259 has it, and nothing else', () => {
    const wrong = cases.filter(({ expect: expected, base64 }) => {
      const inside = [Buffer.from('{"data":{"a":'), Buffer.from(base64, 'base64'), Buffer.from('}}')];
      const isResult = read(Buffer.concat(inside)) === 'result';
      return expected !== 'either' && isResult !== (expected === 'accept');
    });
    expect(wrong.map(({ name }) => name)).toEqual([]);
  });
});
