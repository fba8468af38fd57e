import { AppError } from '../../../lib/errors.ts';
import type { TrustedDocuments } from '../../options.ts';
import type { Params } from '../params.ts';
import { Refusal } from '../refusal.ts';
import { checkHash, createRegisteredDocuments, type RegisteredDocuments } from './apq.ts';
import { readManifest } from './manifest.ts';

/** The text of a request's document, wherever it comes from. */
export interface FoundDocument {
  readonly text: string;
  /** To be called once the text has been found valid: it is then known by its hash. */
  readonly keep: (() => void) | null;
}

/**
 * Finds the document of a request: sent as text, by the hash of an automatic persisted query, or by the id of a trusted
 * document. Throws AppError: PERSISTED_QUERY_NOT_FOUND, PERSISTED_QUERY_NOT_SUPPORTED, DOCUMENT_UNKNOWN, DOCUMENT_UNTRUSTED,
 * BAD_REQUEST.
 */
export type FindDocument = (params: Params) => FoundDocument;

/** Where documents come from besides requests. */
export interface DocumentSources {
  /** By id; null for none. */
  readonly trusted: ReadonlyMap<string, string> | null;
  /** Whether nothing else is run. */
  readonly onlyTrusted: boolean;
  /** Null where automatic persisted queries are off. */
  readonly registered: RegisteredDocuments | null;
}

const DEFAULT_SIZE = 1_000;

/** Reads what the options name. AppError CONFIG_INVALID when the manifest cannot be used. */
export async function openDocuments(options: {
  readonly trustedDocuments?: TrustedDocuments | undefined;
  readonly apq?: boolean | { readonly size: number } | undefined;
}): Promise<FindDocument> {
  const { trustedDocuments, apq = true } = options;
  const size = typeof apq === 'object' ? apq.size : DEFAULT_SIZE;
  return createFindDocument({
    trusted: trustedDocuments ? await readManifest(trustedDocuments.manifest) : null,
    onlyTrusted: trustedDocuments?.only ?? false,
    registered: apq === false || size < 1 ? null : createRegisteredDocuments(size),
  });
}

/** A finder over sources. */
export function createFindDocument({ trusted, onlyTrusted, registered }: DocumentSources): FindDocument {
  function byId(id: string): FoundDocument {
    const text = trusted?.get(id);
    if (text !== undefined) return { text, keep: null };
    if (onlyTrusted) throw untrusted();
    throw new AppError('DOCUMENT_UNKNOWN', 'No trusted document has this id.');
  }

  /** Apollo's protocol: github.com/apollographql/apollo-link-persisted-queries, "Protocol". */
  function byHash(hash: string, query: string | null): FoundDocument {
    const text = trusted?.get(hash);
    if (text !== undefined) return { text, keep: null };
    // Not PERSISTED_QUERY_NOT_FOUND, upon which clients would send the text.
    if (onlyTrusted) throw untrusted();
    if (!registered) throw new AppError('PERSISTED_QUERY_NOT_SUPPORTED', 'PersistedQueryNotSupported');
    const known = registered.find(hash);
    if (query === null) {
      if (known !== null) return { text: known, keep: null };
      throw new AppError('PERSISTED_QUERY_NOT_FOUND', 'PersistedQueryNotFound');
    }
    if (known === query) return { text: query, keep: null };
    checkHash(query, hash);
    return { text: query, keep: () => registered.keep(hash, query) };
  }

  return ({ query, documentId, hash }) => {
    if (documentId !== null) {
      if (query === null && hash === null) return byId(documentId);
      throw new Refusal('BAD_REQUEST', 'A document is sent or asked for by its id, not both.');
    }
    if (hash !== null) return byHash(hash, query);
    if (onlyTrusted) throw untrusted();
    return { text: query ?? '', keep: null };
  };
}

function untrusted(): AppError {
  return new AppError('DOCUMENT_UNTRUSTED', 'Only trusted documents are run here, asked for by their id.');
}
