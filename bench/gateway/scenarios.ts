import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { composeSupergraph } from '../../gateway/supergraph/compose-supergraph.ts';
import { createShopData } from './data.ts';
import { GROWING, NESTED, SMALL } from './operations.ts';
import { SUBGRAPH_SDL } from './subgraph-schemas.ts';
import { expectedAnswer } from './whole-schema.ts';

/** One operation over one data set. */
export interface Scenario {
  /** The data set's name: the first segment of its subgraphs' path. */
  readonly set: string;
  /** As it is posted. */
  readonly body: string;
  /** The answer, byte by byte. */
  readonly expected: string;
}

/** A data set as gateways are started for it. */
export interface DataSet {
  readonly name: string;
  /** Supergraph SDL, whose subgraphs are at `base`/subgraph. */
  supergraph(base: string): Promise<string>;
  readonly nested: Scenario;
}

const SHOPS = { repeating: createShopData({ pool: 9 }), 'non-repeating': createShopData({ pool: null }) };

/** `data.json` of the public scenario; null where the data is absent. `root` is the project's folder. */
export function publicDataFile(root: string): string | null {
  const file = join(root, '../shared/data/bench/data.json');
  return existsSync(file) ? file : null;
}

/** All data sets there are: ours, and the public one when its data is there. */
export async function openDataSets(root: string): Promise<DataSet[]> {
  const own = Object.entries(SHOPS).map(([name, shop]) => ({
    name,
    supergraph: composeOwn,
    nested: { set: name, body: JSON.stringify({ query: NESTED }), expected: expectedAnswer(shop, NESTED, {}) },
  }));
  const file = publicDataFile(root);
  return file ? [await openPublic(file), ...own] : own;
}

/** The operation of one fetch and about 1 kB. */
export function smallScenario(): Scenario {
  return ofRepeating(SMALL, 14);
}

/** The growing operation, `times` as large as at first. */
export function growingScenario(times: number): Scenario {
  const variables = { first: 4 * times };
  const body = JSON.stringify({ query: GROWING, variables });
  return { set: 'non-repeating', body, expected: expectedAnswer(SHOPS['non-repeating'], GROWING, variables) };
}

function ofRepeating(query: string, first: number): Scenario {
  const body = JSON.stringify({ query, variables: { first } });
  return { set: 'repeating', body, expected: expectedAnswer(SHOPS.repeating, query, { first }) };
}

/** Composes our four services, at `base`/subgraph. */
export async function composeOwn(base: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-bench-supergraph-'));
  try {
    const entries = Object.entries(SUBGRAPH_SDL);
    for (const [name, sdl] of entries) await writeFile(join(folder, `${name}.graphql`), sdl);
    const yaml = entries.map(
      ([name]) => `  ${name}:\n    routing_url: ${base}/${name}\n    schema:\n      file: ./${name}.graphql\n`,
    );
    await writeFile(join(folder, 'supergraph.yaml'), `federation_version: =2.9.0\nsubgraphs:\n${yaml.join('')}`);
    return (await composeSupergraph({ file: join(folder, 'supergraph.yaml') })).supergraphSdl;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function openPublic(file: string): Promise<DataSet> {
  const read = (name: string) => readFile(join(file, '..', name), 'utf8');
  const [sdl, query, expected] = await Promise.all([
    read('supergraph.graphql'),
    read('operation.graphql'),
    read('expected.json'),
  ]);
  return {
    name: 'public',
    supergraph: (base) =>
      Promise.resolve(sdl.replaceAll(/url: "http:\/\/[^/"]+\/([a-z]+)"/g, (_, name) => `url: "${base}/${name}"`)),
    nested: { set: 'public', body: JSON.stringify({ query }), expected: expected.trimEnd() },
  };
}
