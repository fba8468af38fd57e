import { readdirSync, readFileSync } from 'node:fs';

/** An operation the explorer opens with. */
export interface Example {
  readonly name: string;
  readonly query: string;
  /** JSON text. */
  readonly variables: string;
}

/** Altair shows the last one it is given. */
const FOLDERS = [new URL('../../schema/operations/', import.meta.url), new URL('./examples/', import.meta.url)];
const REQUIRED_VARIABLE = /\$(\w+): \w+!(?! *=)/g;

/** `customer-360.graphql` → `Customer 360`. */
function toName(file: string): string {
  const words = file.replace(/\.graphql$/, '').replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** A member for each variable one has to fill in. */
function toVariables(query: string): string {
  const names = [...query.matchAll(REQUIRED_VARIABLE)].map(([, name]) => [name, '']);
  return JSON.stringify(Object.fromEntries(names), null, 2);
}

/** The saved operations of `schema/operations`, then the explorer's own, which is the one it opens with. */
export function loadExamples(): Example[] {
  return FOLDERS.flatMap((folder) => {
    const files = readdirSync(folder).filter((file) => file.endsWith('.graphql'));
    return files.sort().map((file) => {
      const query = readFileSync(new URL(file, folder), 'utf8');
      return { name: toName(file), query, variables: toVariables(query) };
    });
  });
}
