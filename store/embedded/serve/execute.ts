import { Binary, BSONError, Long } from 'bson';
import { AppError } from '../../../lib/errors.ts';
import { checkArguments } from '../commands/check-arguments.ts';
import { requireKnownFields } from '../commands/command-fields.ts';
import { CommandRun, type Reply, type Request } from '../commands/command-run.ts';
import type { Cursors } from '../cursors/cursors.ts';
import type { Engine } from '../engine/engine.ts';
import { MONGO_CODES, type MongoCode, MongoError, notSupported } from '../mongo-error.ts';
import type { Document } from '../value/codec.ts';
import { COMMANDS, type CommandSpec } from './dispatch.ts';
import { isKnownCommand } from './known-commands.ts';
import { runInTransaction, transactionOf } from './run-in-transaction.ts';
import { runRetryable, runWrite } from './run-write.ts';
import { readSessionFields, type SessionFields } from './session-fields.ts';
import { toConcernError } from './write-concern.ts';

/** What a server shares among its connections. */
export interface Shared {
  readonly engine: Engine;
  readonly cursors: Cursors;
  /** The retryable write each session is at: a retry waits for the first try. */
  readonly retryable: Map<string, Promise<unknown>>;
  /** Told of failures that are ours. */
  readonly onFailure: (error: unknown, command: string) => void;
}

/** Retryable writes of one session one after the other. */
async function inTurn(shared: Shared, session: string, work: () => Promise<Reply>): Promise<Reply> {
  const before = shared.retryable.get(session);
  const turn = (before ?? Promise.resolve()).catch(() => undefined).then(work);
  shared.retryable.set(session, turn);
  try {
    return await turn;
  } finally {
    if (shared.retryable.get(session) === turn) shared.retryable.delete(session);
  }
}

function refuseOutside(name: string, spec: CommandSpec, { txnNumber, isInTransaction }: SessionFields): void {
  if (isInTransaction && !spec.inTransaction)
    throw new MongoError('OperationNotSupportedInTransaction', `Cannot run '${name}' in a multi-document transaction.`);
  if (txnNumber !== null && !isInTransaction && !spec.writes && !spec.endsTransaction)
    throw new MongoError(
      'Location50768',
      `txnNumber may only be provided for multi-document transactions and retryable write commands. ${name} is neither.`,
    );
  if (spec.endsTransaction && (txnNumber === null || !isInTransaction))
    throw new MongoError('InvalidOptions', `${name} needs a txnNumber and autocommit: false`);
}

/** Runs a command as part of what it says it is part of. */
function runWithin(shared: Shared, request: Request, spec: CommandSpec, fields: SessionFields): Promise<Reply> | Reply {
  const { engine, cursors } = shared;
  const { session, txnNumber } = fields;
  const transaction = spec.endsTransaction ? null : transactionOf(engine, request.body, fields);
  const command = new CommandRun(engine, cursors, request, transaction);
  if (transaction) return runInTransaction(command, spec, transaction);
  if (!spec.writes) return spec.handle(command);
  if (session === null || txnNumber === null) return runWrite(command, spec);
  return inTurn(shared, session, () => runRetryable(command, spec, { session, txnNumber }));
}

/** MongoError CommandNotSupported for a command that MongoDB has and we do not, CommandNotFound for one that nobody has. */
function specOf(name: string): CommandSpec {
  const spec = Object.hasOwn(COMMANDS, name.toLowerCase()) ? COMMANDS[name.toLowerCase()] : undefined;
  if (spec) return spec;
  if (isKnownCommand(name)) throw notSupported(`The command ${name}`);
  throw new MongoError('CommandNotFound', `no such command: '${name.slice(0, 100)}'`);
}

async function run(shared: Shared, request: Request | MongoError): Promise<Reply> {
  if (request instanceof MongoError) throw request;
  const { name, body } = request;
  const spec = specOf(name);
  if (body['apiStrict'] === true) throw notSupported('apiStrict');
  requireKnownFields(name, body);
  checkArguments(name, body);
  const fields = readSessionFields(name, body);
  refuseOutside(name, spec, fields);
  const concernError = toConcernError(body['writeConcern']);
  const reply = await runWithin(shared, request, spec, fields);
  return { ...reply, document: { ...reply.document, ...concernError } };
}

function refusal(codeName: MongoCode, { message }: Error): Document {
  return { ok: 0, errmsg: message, code: MONGO_CODES[codeName], codeName };
}

function toFailure(shared: Shared, error: unknown, name: string): Document {
  if (error instanceof MongoError)
    return { ok: 0, errmsg: error.message, code: error.code, codeName: error.codeName, ...error.extra };
  if (error instanceof AppError && error.code === 'DISK_FULL') return refusal('OutOfDiskSpace', error);
  if (error instanceof BSONError) return { ok: 0, errmsg: error.message, code: 22, codeName: 'InvalidBSON' };
  shared.onFailure(error, name);
  if (error instanceof AppError && error.code === 'STORE_UNAVAILABLE') return refusal('OperationFailed', error);
  const message = error instanceof Error ? error.message : String(error);
  return { ok: 0, errmsg: `The embedded store failed: ${message}`, code: 1, codeName: 'InternalError' };
}

const NO_SIGNATURE = { hash: new Binary(new Uint8Array(20)), keyId: Long.ZERO };

/** An answer with the logical times by which sessions are causally consistent. */
export function withTimes({ time }: Engine, document: Document): Document {
  const operationTime = time.latest;
  return { ...document, operationTime, $clusterTime: { clusterTime: operationTime, signature: NO_SIGNATURE } };
}

/** Runs a command, or refuses what could not be read as one; a failure is an answer too. */
export async function execute(shared: Shared, request: Request | MongoError): Promise<Reply> {
  const reply = await run(shared, request).catch((error) => ({ document: toFailure(shared, error, request.name) }));
  return { ...reply, document: withTimes(shared.engine, { ok: 1, ...reply.document }) };
}
