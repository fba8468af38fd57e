import { mongo } from 'mongoose';
import { AppError } from '../lib/errors.ts';

/** MongoDB's codes for a disk that is full, and for one that fails (the embedded store). */
const OUT_OF_DISK_SPACE = 14_031;
const OPERATION_FAILED = 96;

/** Labels by which a server says that the moment is at fault. https://www.mongodb.com/docs/manual/reference/error-codes/ */
const PASSING = ['RetryableWriteError', 'TransientTransactionError'];

/** The failure of a database that is down, unreachable or full, as a retryable AppError DISK_FULL or STORE_UNAVAILABLE; null for any other. */
export function toStoreFailure(error: unknown): AppError | null {
  if (!(error instanceof mongo.MongoError)) return null;
  if (error.code === OUT_OF_DISK_SPACE)
    return new AppError('DISK_FULL', 'The database has no room on its disk.', { cause: error });
  const isAway =
    error instanceof mongo.MongoNetworkError ||
    error instanceof mongo.MongoSystemError ||
    error instanceof mongo.MongoNotConnectedError ||
    error instanceof mongo.MongoTopologyClosedError ||
    error.code === OPERATION_FAILED ||
    PASSING.some((label) => error.hasErrorLabel(label));
  return isAway ? new AppError('STORE_UNAVAILABLE', 'The database did not answer.', { cause: error }) : null;
}

/** Runs; what the database's outage makes fail rejects with the retryable AppError of `toStoreFailure`, so that a consumer waits instead of giving up. */
export async function withStoreFailures<Result>(run: () => Promise<Result>): Promise<Result> {
  try {
    return await run();
  } catch (error) {
    throw toStoreFailure(error) ?? error;
  }
}
