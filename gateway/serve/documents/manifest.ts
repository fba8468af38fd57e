import { readFile } from 'node:fs/promises';
import { parse } from 'graphql';
import { z } from 'zod';
import { AppError } from '../../../lib/errors.ts';

/** Apollo's form. Spec: apollographql.com/docs/graphos/platform/security/persisted-queries, "Manifest format". */
const APOLLO = z.object({
  format: z.literal('apollo-persisted-query-manifest'),
  version: z.literal(1),
  operations: z.array(z.unknown()),
});
const APOLLO_ENTRY = z.object({ id: z.string().min(1), body: z.string() });
/** Relay's form (relay-compiler, `persistConfig.file`): id → document. */
const RELAY = z.record(z.string().min(1), z.unknown());

type Entry = readonly [id: string, text: unknown];

/**
 * The documents of a manifest, by id. AppError CONFIG_INVALID naming the file, and the entry where it is one that is wrong:
 * an id that is missing or there twice, a body that is no GraphQL.
 */
export async function readManifest(path: string): Promise<ReadonlyMap<string, string>> {
  const documents = new Map<string, string>();
  for (const [id, text] of toEntries(await readJson(path), path)) {
    if (documents.has(id)) throw invalid(path, `the id ${JSON.stringify(id)} is there twice`);
    documents.set(id, checkDocument(id, text, path));
  }
  return documents;
}

async function readJson(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw invalid(path, 'it cannot be read', cause);
  });
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw invalid(path, 'it is not JSON', cause);
  }
}

function toEntries(value: unknown, path: string): readonly Entry[] {
  const isApollo = typeof value === 'object' && value !== null && 'format' in value;
  if (!isApollo) {
    const relay = RELAY.safeParse(value);
    if (relay.success) return Object.entries(relay.data);
    throw invalid(path, 'it is neither a manifest of Apollo’s form nor an object of documents by id');
  }
  const apollo = APOLLO.safeParse(value);
  if (!apollo.success)
    throw invalid(path, 'its format is not apollo-persisted-query-manifest, version 1, with a list of operations');
  return apollo.data.operations.map((operation, index): Entry => {
    const entry = APOLLO_ENTRY.safeParse(operation);
    if (!entry.success) throw invalid(path, `operation ${index} lacks an "id" or a "body"`);
    return [entry.data.id, entry.data.body];
  });
}

function checkDocument(id: string, text: unknown, path: string): string {
  if (typeof text !== 'string') throw invalid(path, `the entry ${JSON.stringify(id)} is not a text`);
  try {
    parse(text, { noLocation: true });
  } catch (cause) {
    throw invalid(path, `the entry ${JSON.stringify(id)} is not GraphQL`, cause);
  }
  return text;
}

function invalid(path: string, what: string, cause?: unknown): AppError {
  return new AppError('CONFIG_INVALID', `The manifest of trusted documents ${path} cannot be used: ${what}.`, {
    cause,
  });
}
