import type { Rows } from '../../store/embedded/aggregate/rows.ts';

type Document = Record<string, unknown>;

/** Rows from a list, some at a time, as a pipeline's stages get them. */
export async function* rowsOf(documents: readonly Document[], chunk = 2): Rows {
  for (let at = 0; at < documents.length; at += chunk) yield documents.slice(at, at + chunk);
}

/** All documents of the rows. */
export async function all(rows: Rows): Promise<Document[]> {
  const documents: Document[] = [];
  for await (const chunk of rows) documents.push(...chunk);
  return documents;
}
