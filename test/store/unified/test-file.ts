import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import mongoose from 'mongoose';

/** A BSON document of a test file or of an answer. */
export type Document = Record<string, unknown>;

/** What an operation should be refused with. */
export type ExpectedError = Document;

/** One operation of a case. */
export interface Operation {
  readonly name: string;
  /** Id of the entity it is called on, or `testRunner`. */
  readonly object: string;
  readonly arguments?: Document;
  readonly expectResult?: unknown;
  readonly expectError?: ExpectedError;
  readonly saveResultAsEntity?: string;
  readonly ignoreResultAndError?: boolean;
}

/** What servers a file or case is for. */
export interface Requirement {
  readonly minServerVersion?: string;
  readonly maxServerVersion?: string;
  readonly topologies?: readonly string[];
  readonly serverless?: string;
  readonly auth?: boolean;
}

/** Documents of one collection, before or after a case. */
export interface CollectionData {
  readonly collectionName: string;
  readonly databaseName: string;
  readonly documents: readonly Document[];
  readonly createOptions?: Document;
}

/** Events a client should have seen. */
export interface ExpectedEvents {
  readonly client: string;
  readonly eventType?: string;
  readonly ignoreExtraEvents?: boolean;
  readonly events: readonly Document[];
}

/** One case of a file. */
export interface TestCase {
  readonly description: string;
  readonly skipReason?: string;
  readonly runOnRequirements?: readonly Requirement[];
  readonly operations: readonly Operation[];
  readonly expectEvents?: readonly ExpectedEvents[];
  readonly outcome?: readonly CollectionData[];
}

/** A file of the unified test format. https://github.com/mongodb/specifications/blob/master/source/unified-test-format/unified-test-format.md */
export interface TestFile {
  readonly name: string;
  readonly schemaVersion: string;
  readonly runOnRequirements?: readonly Requirement[];
  readonly createEntities?: readonly Document[];
  readonly initialData?: readonly CollectionData[];
  readonly tests: readonly TestCase[];
}

/** Where the files are, from the root of the project. */
export const UNIFIED_FOLDER = join('..', 'shared', 'data', 'mongodb-unified');

/** The files of a suite by name, or null when the data is not at hand. Numbers are plain numbers, other BSON types their classes. */
export function readSuite(suite: string): TestFile[] | null {
  const folder = join(UNIFIED_FOLDER, suite);
  if (!existsSync(folder)) return null;
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return names.sort().map((name) => ({
    ...(mongoose.mongo.BSON.EJSON.parse(readFileSync(join(folder, name), 'utf8')) as TestFile),
    name: name.slice(0, -'.json'.length),
  }));
}
