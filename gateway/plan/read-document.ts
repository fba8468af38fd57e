import { type DocumentNode, GraphQLError, parse } from 'graphql';
import type { Limits } from '../options.ts';
import { rejection, rejectionOf } from './rejection.ts';

/** graphql-js parses by recursion: what nests deeper than this is refused before it is parsed. */
const NESTING_LIMIT = 200;
/** A document of the permitted size may still be all punctuation. */
const TOKEN_LIMIT = 10_000;

/** Parses a document whose size, nesting and tokens are within bounds. Throws OperationRejected. */
export function readDocument(text: string, limits: Pick<Limits, 'documentBytes'>): DocumentNode {
  if (text.length > limits.documentBytes || Buffer.byteLength(text) > limits.documentBytes)
    throw rejection('LIMIT_EXCEEDED', `The document is over the limit of ${limits.documentBytes} bytes.`);
  if (nestsDeeperThan(text, NESTING_LIMIT))
    throw rejection('LIMIT_EXCEEDED', `The document nests deeper than ${NESTING_LIMIT} brackets.`);
  try {
    return parse(text, { maxTokens: TOKEN_LIMIT });
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    if (error.message.includes(`more that ${TOKEN_LIMIT} tokens`))
      throw rejection('LIMIT_EXCEEDED', `The document is over the limit of ${TOKEN_LIMIT} tokens.`);
    throw rejectionOf('GRAPHQL_PARSE_FAILED', [error]);
  }
}

/** Strings and comments hold no brackets that count; everything else is looked at by character. */
const INERT = /"""(?:\\"""|(?!""")[\s\S])*(?:"""|$)|"(?:\\.|[^"\\\n\r])*(?:"|$)?|#[^\n\r]*/g;

function nestsDeeperThan(text: string, limit: number): boolean {
  let depth = 0;
  for (const bracket of text.replace(INERT, '').matchAll(/[{}[\]()]/g)) {
    depth += '{[('.includes(bracket[0]) ? 1 : -1;
    if (depth > limit) return true;
  }
  return false;
}
