import { createHash } from 'node:crypto';
import { createBoundedCache } from '../../../lib/bounded-cache.ts';
import { Refusal } from '../refusal.ts';

/** Documents that clients registered by their hash: they last as long as the process, and no longer than others need the room. */
export interface RegisteredDocuments {
  /** The text of a hash, or null when it is not known (any more). */
  find(hash: string): string | null;
  /** Keeps a text under the hash that it has. */
  keep(hash: string, text: string): void;
}

/** Longer texts have fewer places, so that the count bounds the memory: 1 000 of these and 64 of 100 kB are under 15 MB. */
const LONG_TEXT = 8_192;
const LONG_TEXTS = 64;

/** Remembers up to `size` documents, and of those over 8 kB up to 64: the one not used for longest leaves first. */
export function createRegisteredDocuments(size: number): RegisteredDocuments {
  const texts = createBoundedCache<string>(size);
  const longTexts = createBoundedCache<string>(Math.min(size, LONG_TEXTS));
  return {
    find: (hash) => texts.get(hash) ?? longTexts.get(hash) ?? null,
    keep: (hash, text) => (text.length > LONG_TEXT ? longTexts : texts).set(hash, text),
  };
}

/** Refuses a text under a hash that is not its own: one caller could otherwise lay a document under another's hash. */
export function checkHash(text: string, hash: string): void {
  if (createHash('sha256').update(text).digest('hex') === hash) return;
  throw new Refusal('BAD_REQUEST', 'The hash of the persisted query is not that of the text.');
}
