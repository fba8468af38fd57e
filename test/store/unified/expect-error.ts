import mongoose from 'mongoose';
import { type Matcher, Mismatch, toPlain } from './match.ts';
import type { Document, ExpectedError } from './test-file.ts';

type Check = (expected: unknown, error: Error & Document, matcher: Matcher) => boolean | undefined;

const labels = (expected: unknown) => expected as string[];
const hasLabel = (error: Error, label: string) =>
  error instanceof mongoose.mongo.MongoError && error.hasErrorLabel(label);

function rawOf(error: Document): Document {
  return toPlain(error['errorResponse'] ?? error['result'] ?? {}) as Document;
}

/** What can be expected of an error, by name. */
const CHECKS: Readonly<Record<string, Check>> = {
  isError: () => true,
  isClientError: (expected, error) => expected === !(error instanceof mongoose.mongo.MongoServerError),
  errorContains: (expected, { message }) => message.toLowerCase().includes(String(expected).toLowerCase()),
  errorCode: (expected, error) => error['code'] === expected,
  errorCodeName: (expected, error) => error['codeName'] === expected || rawOf(error)['codeName'] === expected,
  errorLabelsContain: (expected, error) => labels(expected).every((label) => hasLabel(error, label)),
  errorLabelsOmit: (expected, error) => !labels(expected).some((label) => hasLabel(error, label)),
  errorResponse: (expected, error, matcher) => {
    matcher.match(expected, rawOf(error));
    return true;
  },
  expectResult: (expected, error, matcher) => {
    const result = error['result'];
    matcher.match(expected, result && toPlain(resultOf(result)));
    return true;
  },
};

function resultOf(result: unknown): Document {
  const it = result as Document;
  return {
    deletedCount: it['deletedCount'],
    insertedCount: it['insertedCount'],
    matchedCount: it['matchedCount'],
    modifiedCount: it['modifiedCount'],
    upsertedCount: it['upsertedCount'],
    upsertedIds: it['upsertedIds'],
    insertedIds: it['insertedIds'],
  };
}

/** Throws Mismatch unless the error is the expected one. */
export function expectError(expected: ExpectedError, error: unknown, matcher: Matcher): void {
  if (!(error instanceof Error)) throw new Mismatch('no error came where one is expected');
  if (error instanceof Mismatch) throw error;
  for (const [name, operand] of Object.entries(expected)) {
    const check = CHECKS[name];
    if (!check) throw new Mismatch(`The runner does not know the expectation ${name} of an error`);
    if (!check(operand, error as Error & Document, matcher))
      throw new Mismatch(`the error is not ${name} ${JSON.stringify(operand)}: ${error.name} ${error.message}`);
  }
}
