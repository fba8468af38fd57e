import type { Document } from 'bson';
import fc from 'fast-check';
import { expect } from 'vitest';
import type { RawClient } from '../raw-wire.ts';
import { command, filter, INDEXES, sort } from './arbitrary-commands.ts';
import { document } from './arbitrary-values.ts';
import { Replay } from './replay.ts';
import { compare, isSame } from './values.ts';

/** How many runs, or for how long. */
export interface Runs {
  readonly numRuns: number;
  readonly seed?: number;
  /** Milliseconds after which no further run begins. */
  readonly interruptAfterTimeLimit?: number;
  readonly markInterruptAsFailure?: boolean;
}

let made = 0;
function freshName(): string {
  made += 1;
  return `c${made}`;
}

/** Random commands, in transactions and out, do to the store what they do to the oracle, whatever indexes there are. */
export function actsAsTheOracle(client: RawClient, runs: Runs): Promise<void> {
  const property = fc.asyncProperty(
    fc.array(command, { minLength: 10, maxLength: 40 }),
    fc.subarray([...INDEXES]),
    async (commands, indexes) => {
      const rules = indexes.flatMap(({ rule }) => rule ?? []);
      const replay = new Replay(client, freshName(), rules);
      await replay.createIndexes(indexes.map(({ spec }) => spec));
      for (const it of commands) await replay.run(it);
      await replay.compareAll();
    },
  );
  return fc.assert(property, runs);
}

/** Indexes that hold every document, so that a query may be made to use them. */
const WHOLE = INDEXES.filter(({ spec }) => !spec['sparse'] && !spec['partialFilterExpression'] && !spec['unique']);

async function read(client: RawClient, find: string, more: Document): Promise<Document[]> {
  const answer = await client.command({ find, batchSize: 100_000, $db: 'oracle', ...more });
  expect(answer).toHaveProperty('cursor');
  return answer['cursor'].firstBatch;
}

async function filled(
  client: RawClient,
  documents: readonly Document[],
  indexes: readonly Document[],
): Promise<string> {
  const name = freshName();
  const named = indexes.map((key, at) => ({ key, name: `i${at}` }));
  if (named.length > 0) await client.command({ createIndexes: name, indexes: named, $db: 'oracle' });
  await client.command({ insert: name, documents: [...documents], ordered: false, $db: 'oracle' });
  return name;
}

/** A query finds the same, in the same order, by every index it can be told to use as by looking at all documents. */
export function findsTheSameByEveryIndex(client: RawClient, runs: Runs): Promise<void> {
  const keys = WHOLE.map(({ spec }) => spec['key'] as Document);
  const property = fc.asyncProperty(
    fc.uniqueArray(document, {
      comparator: (left, right) => isSame(left['_id'], right['_id']),
      minLength: 5,
      maxLength: 40,
    }),
    fc.array(fc.tuple(filter, sort), { minLength: 4, maxLength: 8 }),
    async (documents, queries) => {
      const [plain, indexed] = [await filled(client, documents, []), await filled(client, documents, keys)];
      for (const [it, order] of queries) {
        const asked = { filter: it, sort: Object.fromEntries(order) };
        const wanted = await read(client, plain, asked);
        for (const hint of keys) expect(compare(await read(client, indexed, { ...asked, hint }), wanted)).toBe(0);
      }
    },
  );
  return fc.assert(property, runs);
}
