import mongoose from 'mongoose';
import { type Entities, toReadPreference } from '../entities.ts';
import { expectError } from '../expect-error.ts';
import { Matcher, Mismatch, toPlain } from '../match.ts';
import { ObservedClient } from '../observed-client.ts';
import type { Document, Operation } from '../test-file.ts';
import { runOnCollection } from './collection-operations.ts';
import { runOnClient, runOnDatabase } from './database-operations.ts';
import { runOnRunner } from './runner-operations.ts';
import { runOnSession } from './session-operations.ts';
import { createChangeStream, runOnStream } from './stream-operations.ts';

const { Collection, Db, ClientSession, ChangeStream } = mongoose.mongo;

/** Arguments with sessions and read preferences as the driver takes them. */
function resolveArguments(entities: Entities, args: Document): Document {
  const { session, readPreference, ...rest } = args;
  return {
    ...rest,
    ...(session === undefined ? {} : { session: entities.get(String(session)) }),
    ...(readPreference === undefined ? {} : { readPreference: toReadPreference(readPreference) }),
  };
}

async function call(entities: Entities, { name, object, arguments: given = {} }: Operation): Promise<unknown> {
  if (object === 'testRunner') return runOnRunner(entities, name, given);
  const entity = entities.get(object);
  if (entity instanceof ClientSession) return runOnSession(entity, name, given);
  const args = resolveArguments(entities, given);
  const target = entity instanceof ObservedClient ? entity.client : entity;
  if (name === 'createChangeStream') return createChangeStream(target as never, args);
  if (target instanceof ChangeStream) return runOnStream(target, name);
  if (target instanceof Collection) return runOnCollection(target, name, args);
  if (target instanceof Db) return runOnDatabase(target, name, args);
  if (entity instanceof ObservedClient) return runOnClient(entity.client, name, args);
  throw new Mismatch(`The runner does not know what ${object} is`);
}

/** Runs one operation and compares its result or error with what is expected. Throws Mismatch. */
export async function runOperation(entities: Entities, operation: Operation): Promise<void> {
  const { expectResult, expectError: expectedError, saveResultAsEntity, ignoreResultAndError } = operation;
  const matcher = new Matcher(entities);
  let result: unknown;
  try {
    result = await call(entities, operation);
  } catch (error) {
    if (ignoreResultAndError && !(error instanceof Mismatch)) return;
    if (!expectedError || error instanceof Mismatch) throw error;
    expectError(expectedError, error, matcher);
    return;
  }
  if (ignoreResultAndError) return;
  if (expectedError) throw new Mismatch(`${operation.name} went well, but must not`);
  if (expectResult !== undefined) matcher.match(expectResult, toPlain(result), `${operation.name}`);
  if (saveResultAsEntity !== undefined) entities.set(saveResultAsEntity, result);
}
