import { MongoError, notSupported } from '../mongo-error.ts';
import { type Document, isDocument } from '../value/codec.ts';

/** What a command may say. */
interface Fields {
  /** Honoured, or without a meaning on a server of one member that keeps no validators and never sorts on disk. */
  readonly taken: readonly string[];
  /** MongoDB knows them; they would change the result and are not offered. */
  readonly refused?: readonly string[];
  /** What each statement of a write command may say, in the list of this name. */
  readonly statements?: {
    readonly list: string;
    readonly taken: readonly string[];
  };
}

/** Fields any command may have: which session, how durable, how fresh, from whom. */
const EVERY = new Set([
  '$clusterTime',
  '$db',
  '$readPreference',
  'apiDeprecationErrors',
  'apiStrict',
  'apiVersion',
  'autocommit',
  'comment',
  'lsid',
  'maxTimeMS',
  'readConcern',
  'startTransaction',
  'stmtId',
  'stmtIds',
  'txnNumber',
  'writeConcern',
]);

const CREATE_REFUSED = [
  'capped',
  'clusteredIndex',
  'collation',
  'encryptedFields',
  'expireAfterSeconds',
  'indexOptionDefaults',
  'max',
  'pipeline',
  'size',
  'storageEngine',
  'timeseries',
  'validationAction',
  'validationLevel',
  'validator',
  'viewOn',
];

/** By lower-cased name; the handlers of commands that are not here look at their fields themselves. */
const COMMAND_FIELDS: Readonly<Record<string, Fields>> = {
  find: {
    taken: [
      'allowDiskUse',
      'allowPartialResults',
      'batchSize',
      'collation',
      'filter',
      'hint',
      'let',
      'limit',
      'oplogReplay',
      'projection',
      'singleBatch',
      'skip',
      'sort',
    ],
    refused: ['awaitData', 'max', 'min', 'noCursorTimeout', 'returnKey', 'showRecordId', 'tailable'],
  },
  aggregate: {
    taken: ['allowDiskUse', 'bypassDocumentValidation', 'collation', 'cursor', 'hint', 'let', 'pipeline'],
    refused: ['explain'],
  },
  count: { taken: ['collation', 'hint', 'limit', 'query', 'skip'] },
  distinct: { taken: ['collation', 'hint', 'key', 'query'] },
  getmore: { taken: ['batchSize', 'collection'] },
  killcursors: { taken: ['cursors'] },
  insert: { taken: ['bypassDocumentValidation', 'documents', 'ordered'] },
  update: {
    taken: ['bypassDocumentValidation', 'let', 'ordered', 'updates'],
    statements: {
      list: 'updates',
      taken: ['arrayFilters', 'c', 'collation', 'hint', 'multi', 'q', 'u', 'upsert'],
    },
  },
  delete: {
    taken: ['deletes', 'let', 'ordered'],
    statements: { list: 'deletes', taken: ['collation', 'hint', 'limit', 'q'] },
  },
  findandmodify: {
    taken: [
      'arrayFilters',
      'bypassDocumentValidation',
      'collation',
      'fields',
      'hint',
      'let',
      'new',
      'query',
      'remove',
      'sort',
      'update',
      'upsert',
    ],
  },
  explain: { taken: ['verbosity'] },
  create: { taken: ['autoIndexId', 'changeStreamPreAndPostImages', 'idIndex'], refused: CREATE_REFUSED },
  drop: { taken: [] },
  dropdatabase: { taken: [] },
  createindexes: { taken: ['commitQuorum', 'indexes'], refused: ['ignoreUnknownIndexOptions'] },
  dropindexes: { taken: ['index'] },
  listcollections: { taken: ['authorizedCollections', 'cursor', 'filter', 'nameOnly'] },
  listindexes: { taken: ['cursor'] },
  listdatabases: { taken: ['authorizedDatabases', 'filter', 'nameOnly'] },
};

/** Values that ask for nothing: leaving the field out would mean the same. */
const isNothing = (value: unknown) => value === undefined || value === null || value === false;

interface Known {
  readonly taken: readonly string[];
  readonly refused?: readonly string[];
}

function check(where: string, document: Document, { taken, refused = [] }: Known, isOwn: (name: string) => boolean) {
  for (const [name, value] of Object.entries(document)) {
    if (isOwn(name) || taken.includes(name)) continue;
    if (!refused.includes(name))
      throw new MongoError('UnknownField', `BSON field '${where}.${name}' is an unknown field.`);
    if (!isNothing(value)) throw notSupported(`The option ${name} of ${where}`);
  }
}

/**
 * Refuses what a command says and the store would not do: MongoError CommandNotSupported for what MongoDB 7.0 knows and we
 * do not offer, UnknownField for what it does not know either. A misspelt option is never ignored.
 */
export function requireKnownFields(name: string, body: Document): void {
  const fields = COMMAND_FIELDS[name.toLowerCase()];
  if (!fields) return;
  check(name, body, fields, (field) => field === name || EVERY.has(field));
  const { statements } = fields;
  const list = statements && body[statements.list];
  if (!statements || !Array.isArray(list)) return;
  for (const statement of list)
    if (isDocument(statement)) check(`${name}.${statements.list}`, statement, statements, () => false);
}
