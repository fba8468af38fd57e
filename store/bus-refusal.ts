import { CATALOG } from '../events/catalog.ts';
import { AppError } from '../lib/errors.ts';

/**
 * Whether a bus refused a record for good: it is too large, no event, or for a topic that the catalog does not know. A topic
 * of the catalog that the broker has lost will be made again, so that its records wait.
 */
export function isRefusal(error: unknown, topic: string): error is AppError {
  if (!(error instanceof AppError)) return false;
  if (error.code === 'PAYLOAD_TOO_LARGE') return true;
  if (error.code !== 'EVENT_INVALID') return false;
  // One that is about the record names what is wrong with it; a bus that misses a topic has nothing to name but that.
  const { field, type } = error.extensions;
  return field !== undefined || type !== undefined || !Object.hasOwn(CATALOG, topic);
}
