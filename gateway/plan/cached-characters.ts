/**
 * Characters of all documents, forms or plan keys that one cache keeps. What is derived from them (trees, plans, programs) takes
 * some 100 bytes for each, so that a client who sends large documents that are never the same cannot fill the memory: their
 * number alone would let it.
 */
export const CACHED_CHARACTERS = 4_000_000;
