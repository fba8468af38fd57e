import type mongoose from 'mongoose';
import type { Entities } from '../entities.ts';
import { Mismatch } from '../match.ts';
import type { Document } from '../test-file.ts';

type RunnerOperation = (entities: Entities, args: Document) => Promise<void> | void;

/** States of a transaction as the format names them, by the driver's. */
const STATES: Readonly<Record<string, string>> = {
  NO_TRANSACTION: 'none',
  STARTING_TRANSACTION: 'starting',
  TRANSACTION_IN_PROGRESS: 'in_progress',
  TRANSACTION_COMMITTED: 'committed',
  TRANSACTION_COMMITTED_EMPTY: 'committed',
  TRANSACTION_ABORTED: 'aborted',
};

function must(holds: boolean, what: string): void {
  if (!holds) throw new Mismatch(what);
}

function sessionOf(entities: Entities, id: unknown) {
  return entities.get(String(id)) as mongoose.mongo.ClientSession & {
    transaction: { state: string };
    serverSession: { isDirty: boolean };
    isPinned: boolean;
  };
}

async function hasCollection(entities: Entities, { databaseName, collectionName }: Document): Promise<boolean> {
  const { client } = entities.client('$internal');
  const found = await client.db(databaseName as string).listCollections({ name: collectionName as string });
  return (await found.toArray()).length > 0;
}

async function hasIndex(entities: Entities, { databaseName, collectionName, indexName }: Document): Promise<boolean> {
  const { client } = entities.client('$internal');
  if (!(await hasCollection(entities, { databaseName, collectionName }))) return false;
  const found = await client
    .db(databaseName as string)
    .collection(collectionName as string)
    .listIndexes()
    .toArray();
  return found.some(({ name }) => name === indexName);
}

function haveSameLsid(entities: Entities, client: unknown): boolean {
  const [left, right] = entities.client(client).commands.slice(-2);
  if (!left?.['lsid'] || !right?.['lsid']) throw new Mismatch('two commands with sessions are needed');
  return JSON.stringify(left['lsid']) === JSON.stringify(right['lsid']);
}

async function setFailPoint(entities: Entities, args: Document): Promise<void> {
  await entities
    .client(args['client'])
    .client.db('admin')
    .command(args['failPoint'] as Document);
}

/** Operations of the runner itself by name. */
const RUNNER_OPERATIONS: Readonly<Record<string, RunnerOperation>> = {
  failPoint: setFailPoint,
  createEntities: (entities, { entities: definitions }) => entities.create(definitions as Document[]),
  assertSessionPinned: (entities, { session }) => must(sessionOf(entities, session).isPinned, 'not pinned'),
  assertSessionUnpinned: (entities, { session }) => must(!sessionOf(entities, session).isPinned, 'pinned'),
  assertSessionDirty: (entities, { session }) =>
    must(sessionOf(entities, session).serverSession.isDirty, 'the session is not dirty'),
  assertSessionNotDirty: (entities, { session }) =>
    must(!sessionOf(entities, session).serverSession.isDirty, 'the session is dirty'),
  assertSessionTransactionState: (entities, { session, state }) => {
    const actual = STATES[sessionOf(entities, session).transaction.state];
    must(actual === state, `the transaction is ${actual}, not ${String(state)}`);
  },
  assertSameLsidOnLastTwoCommands: (entities, { client }) =>
    must(haveSameLsid(entities, client), 'the last two commands have other lsids'),
  assertDifferentLsidOnLastTwoCommands: (entities, { client }) =>
    must(!haveSameLsid(entities, client), 'the last two commands have the same lsid'),
  assertCollectionExists: async (entities, args) => must(await hasCollection(entities, args), 'no such collection'),
  assertCollectionNotExists: async (entities, args) => must(!(await hasCollection(entities, args)), 'it exists'),
  assertIndexExists: async (entities, args) => must(await hasIndex(entities, args), 'no such index'),
  assertIndexNotExists: async (entities, args) => must(!(await hasIndex(entities, args)), 'the index exists'),
};

/** Runs an operation of the runner; throws Mismatch on a name it does not know and on an assertion that does not hold. */
export async function runOnRunner(entities: Entities, name: string, args: Document): Promise<void> {
  const operation = RUNNER_OPERATIONS[name];
  if (!operation) throw new Mismatch(`The runner does not know its operation ${name}`);
  await operation(entities, args);
}
