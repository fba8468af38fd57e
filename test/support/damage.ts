import { readFileSync, statSync, writeFileSync } from 'node:fs';
import type { Document } from 'bson';
import type { BareServer } from './bare-server.ts';
import { createRandom } from './random.ts';

const $db = 'test';
const INDEXES = [
  { key: { n: 1, _id: -1 }, name: 'n' },
  { key: { tags: 1 }, name: 'tags' },
  { key: { key: 1 }, name: 'key', unique: true },
];

function toDocument(_id: number): Document {
  const large = _id % 40 === 0 ? { large: String(_id).repeat(3000) } : {};
  return {
    _id,
    n: _id % 17,
    tags: [`t${_id % 5}`, _id % 3],
    key: `k${_id}`,
    text: `text of ${_id} `.repeat(10),
    ...large,
  };
}

/** Fills a store with documents, indexes, changes of both, and values that have pages of their own. */
export async function fill(server: BareServer, documents = 300): Promise<void> {
  const client = await server.dial();
  await client.command({ createIndexes: 'rows', indexes: INDEXES, $db });
  for (let at = 0; at < documents; at += 50) {
    const batch = Array.from({ length: 50 }, (_, place) => toDocument(at + place));
    await client.command({ insert: 'rows', documents: batch, $db });
    await client.command({ update: 'rows', updates: [{ q: { n: at % 17 }, u: { $inc: { v: 1 } }, multi: true }], $db });
  }
  await client.command({ delete: 'rows', deletes: [{ q: { n: 3 }, limit: 0 }], $db });
  client.close();
}

const QUESTIONS: readonly Document[] = [
  { find: 'rows', batchSize: 10_000 },
  { find: 'rows', filter: { n: { $gte: 0 } }, hint: 'n', sort: { n: 1, _id: -1 }, batchSize: 10_000 },
  { find: 'rows', filter: { tags: { $in: ['t1', 2] } }, hint: 'tags', sort: { _id: 1 }, batchSize: 10_000 },
  { find: 'rows', filter: { key: 'k77' }, hint: 'key' },
  { find: 'rows', filter: { _id: 40 } },
  { count: 'rows', query: { n: { $lt: 9 } } },
  { distinct: 'rows', key: 'key' },
];

/** What the store says of all it has; null in place of an answer that is an error. */
export async function tell(server: BareServer): Promise<(string | null)[]> {
  const client = await server.dial();
  const answers: (string | null)[] = [];
  for (const question of QUESTIONS) {
    const { ok, cursor, n, values } = await client.command({ ...question, $db });
    answers.push(ok === 1 ? JSON.stringify(cursor?.firstBatch ?? values ?? n) : null);
  }
  client.close();
  return answers;
}

/** What came of a damaged file. */
export type Fate = 'refused' | 'answered' | 'answered with errors' | 'WRONG';

/** Damages the file of a store, opens it, and compares what it tells with what it told; puts the file right again. */
export async function damaged(
  server: BareServer,
  truth: readonly (string | null)[],
  spoil: (bytes: Buffer) => Buffer,
): Promise<Fate> {
  let whole = Buffer.alloc(0);
  const restore = () => writeFileSync(server.file, whole);
  try {
    await server.reopen(() => {
      whole = readFileSync(server.file);
      writeFileSync(server.file, spoil(Buffer.from(whole)));
    });
  } catch (error) {
    if ((error as { code?: string }).code !== 'DATA_CORRUPT') throw error;
    await server.reopen(restore);
    return 'refused';
  }
  const told = await tell(server);
  await server.reopen(restore);
  server.failures.length = 0;
  if (told.some((answer, at) => answer !== null && answer !== truth[at])) return 'WRONG';
  return told.includes(null) ? 'answered with errors' : 'answered';
}

const PAGE = 4096;
/** Bytes of a meta page that mean something. */
const META = 160;

/** Ways to damage one page. */
export const SPOILS: Readonly<
  Record<string, (bytes: Buffer, page: number, below: (limit: number) => number) => Buffer>
> = {
  'a byte changed': (bytes, page, below) => {
    const at = page * PAGE + below(page < 2 ? META : PAGE);
    bytes[at] = (bytes[at] as number) ^ (1 + below(255));
    return bytes;
  },
  'a page zeroed': (bytes, page) => bytes.fill(0, page * PAGE, (page + 1) * PAGE),
  'half a page overwritten': (bytes, page) => bytes.fill(0x5a, page * PAGE + PAGE / 2, (page + 1) * PAGE),
  'the file cut': (bytes, page, below) => bytes.subarray(0, page * PAGE + below(PAGE)),
  'another page in its place': (bytes, page) => {
    bytes.copyWithin(page * PAGE, 3 * PAGE, 4 * PAGE);
    return bytes;
  },
};

/** Damages one page after the other, each `step`th and the first two `often`, and counts what came of it. */
export async function damageAll(
  server: BareServer,
  truth: readonly (string | null)[],
  how: string,
  { step, often }: { step: number; often: number },
): Promise<Record<Fate, number>> {
  const random = createRandom(7);
  const below = (limit: number) => Math.floor(random() * limit);
  const spoil = SPOILS[how] as (typeof SPOILS)[string];
  const fates: Record<Fate, number> = { refused: 0, answered: 0, 'answered with errors': 0, WRONG: 0 };
  const pages = Array.from({ length: Math.ceil(statSync(server.file).size / PAGE / step) }, (_, at) => at * step);
  const metas = Array.from({ length: often }, (_, at) => at % 2);
  for (const page of [...metas, ...pages])
    fates[await damaged(server, truth, (bytes) => spoil(bytes, page, below))] += 1;
  return fates;
}
