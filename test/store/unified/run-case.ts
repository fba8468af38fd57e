import { isDeepStrictEqual } from 'node:util';
import mongoose from 'mongoose';
import { Entities } from './entities.ts';
import { expectEvents } from './expect-events.ts';
import { Matcher, Mismatch, toPlain } from './match.ts';
import { ObservedClient } from './observed-client.ts';
import { runOperation } from './operations/run-operation.ts';
import type { CollectionData, TestCase, TestFile } from './test-file.ts';

type Client = mongoose.mongo.MongoClient;

const CASE_MS = 20_000;

async function putInitialData(client: Client, data: readonly CollectionData[]): Promise<void> {
  for (const { databaseName, collectionName, documents, createOptions = {} } of data) {
    const db = client.db(databaseName, { writeConcern: { w: 'majority' } });
    await db.collection(collectionName).drop();
    if (documents.length === 0 || Object.keys(createOptions).length > 0)
      await db.createCollection(collectionName, createOptions);
    if (documents.length > 0) await db.collection(collectionName).insertMany(documents.map((it) => ({ ...it })));
  }
}

const canonical = (value: unknown) => mongoose.mongo.BSON.EJSON.stringify(toPlain(value));

async function compareOutcome(client: Client, outcome: readonly CollectionData[]): Promise<void> {
  for (const { databaseName, collectionName, documents } of outcome) {
    const found = await client
      .db(databaseName)
      .collection(collectionName)
      .find({}, { sort: { _id: 1 } })
      .toArray();
    const [expected, actual] = [documents, found].map(canonical);
    if (!isDeepStrictEqual(JSON.parse(expected as string), JSON.parse(actual as string)))
      throw new Mismatch(`${collectionName} holds ${actual}, not ${expected}`);
  }
}

async function runSteps(file: TestFile, test: TestCase, entities: Entities, internal: Client): Promise<void> {
  if (file.initialData) await putInitialData(internal, file.initialData);
  await entities.create(file.createEntities ?? []);
  for (const operation of test.operations) await runOperation(entities, operation);
  const matcher = new Matcher(entities);
  for (const expected of test.expectEvents ?? [])
    expectEvents(expected, entities.client(expected.client).events, matcher);
  if (test.outcome) await compareOutcome(internal, test.outcome);
}

function timeLimit(): { promise: Promise<never>; clear: () => void } {
  let timer: NodeJS.Timeout | undefined;
  const promise = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Mismatch(`it was not over after ${CASE_MS} ms`)), CASE_MS);
  });
  return { promise, clear: () => clearTimeout(timer) };
}

/** What cases are run against. */
export interface Target {
  /** URI of the server, fail points in front of it. */
  readonly uri: string;
  /** Turns every fail point off. */
  readonly clearFailPoints: () => void;
}

/** Runs one case; null when it passes, else why it fails. */
export async function runCase(file: TestFile, test: TestCase, target: Target): Promise<string | null> {
  const internal = new ObservedClient(target.uri, {});
  const entities = new Entities(target.uri);
  entities.set('$internal', internal);
  const limit = timeLimit();
  try {
    await Promise.race([runSteps(file, test, entities, internal.client), limit.promise]);
    return null;
  } catch (error) {
    return error instanceof Error
      ? `${error.name === 'Error' ? '' : `${error.name}: `}${error.message}`
      : String(error);
  } finally {
    limit.clear();
    target.clearFailPoints();
    await entities.close();
  }
}
