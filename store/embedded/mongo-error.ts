/** MongoDB's error codes that we answer with, by name. https://www.mongodb.com/docs/manual/reference/error-codes/ */
export const MONGO_CODES = {
  InternalError: 1,
  BadValue: 2,
  FailedToParse: 9,
  Unauthorized: 13,
  TypeMismatch: 14,
  Overflow: 15,
  InvalidLength: 16,
  IllegalOperation: 20,
  InvalidBSON: 22,
  NamespaceNotFound: 26,
  IndexNotFound: 27,
  PathNotViable: 28,
  ConflictingUpdateOperators: 40,
  CursorNotFound: 43,
  NoMatchingDocument: 47,
  NamespaceExists: 48,
  MaxTimeMSExpired: 50,
  DollarPrefixedFieldName: 52,
  CommandNotFound: 59,
  ImmutableField: 66,
  CannotCreateIndex: 67,
  InvalidOptions: 72,
  InvalidNamespace: 73,
  UnknownReplWriteConcern: 79,
  IndexOptionsConflict: 85,
  IndexKeySpecsConflict: 86,
  ShutdownInProgress: 91,
  OperationFailed: 96,
  UnsatisfiableWriteConcern: 100,
  WriteConflict: 112,
  CommandNotSupported: 115,
  CannotIndexParallelArrays: 171,
  InvalidPipelineOperator: 168,
  TransactionTooOld: 225,
  CursorKilled: 237,
  NoSuchTransaction: 251,
  TransactionCommitted: 256,
  TransactionTooLarge: 257,
  InvalidResumeToken: 260,
  OperationNotSupportedInTransaction: 263,
  ChangeStreamFatalError: 280,
  ChangeStreamHistoryLost: 286,
  QueryExceededMemoryLimitNoDiskUseAllowed: 292,
  UnrecognizedStage: 40324,
  IDLUnknownField: 40415,
  UnknownField: 40415,
  MergeStageNoMatchingDocument: 13113,
  MergeNeedsUniqueIndex: 51183,
  BSONObjectTooLarge: 10334,
  MissingField: 40414,
  NegativeNumber: 51024,
  DuplicateKey: 11000,
  DistinctTooLarge: 17217,
  OutOfDiskSpace: 14031,
  Location50674: 50674,
  Location50768: 50768,
  Location50865: 50865,
} as const;

/** Name of a MongoDB error code. */
export type MongoCode = keyof typeof MONGO_CODES;

/** A failure as MongoDB would answer it. `extra` is merged into the reply (`keyPattern`, `errorLabels`…). */
export class MongoError extends Error {
  readonly codeName: MongoCode;
  readonly code: number;
  readonly extra: Readonly<Record<string, unknown>>;

  constructor(codeName: MongoCode, message: string, extra: Record<string, unknown> = {}) {
    super(message);
    this.name = 'MongoError';
    this.codeName = codeName;
    this.code = MONGO_CODES[codeName];
    this.extra = extra;
  }
}

/** The answer for what the embedded store does not offer: never silence. */
export function notSupported(what: string): MongoError {
  return new MongoError('CommandNotSupported', `${what} is not offered by the embedded store`);
}
