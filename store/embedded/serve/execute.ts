import { Binary, BSONError, Long } from 'bson';
import { AppError } from '../../../lib/errors.ts';
import { CommandRun, type Reply, type Request } from '../commands/command-run.ts';
import type { Cursors } from '../cursors/cursors.ts';
import type { Engine } from '../engine/engine.ts';
import { earlierReply, toSession, writeRecord } from '../engine/session-records.ts';
import { type Transaction, writeConflict } from '../engine/transactions.ts';
import { MONGO_CODES, type MongoCode, MongoError, notSupported } from '../mongo-error.ts';
import type { Document } from '../value/codec.ts';
import { COMMANDS, type CommandSpec } from './dispatch.ts';

/** What a server shares among its connections. */
export interface Shared {
  readonly engine: Engine;
  readonly cursors: Cursors;
  /** The retryable write each session is at: a retry waits for the first try. */
  readonly retryable: Map<string, Promise<unknown>>;
  /** Told of failures that are ours. */
  readonly onFailure: (error: unknown, command: string) => void;
}

function transactionOf(engine: Engine, body: Document, spec: CommandSpec, name: string): Transaction | null {
  if (body['autocommit'] !== false || name === 'commitTransaction' || name === 'abortTransaction') return null;
  if (!spec.inTransaction)
    throw new MongoError('OperationNotSupportedInTransaction', `Cannot run '${name}' in a multi-document transaction.`);
  const session = toSession(body['lsid']);
  const number = body['txnNumber'] as number;
  if (body['startTransaction'] === true) return engine.transactions.begin(session, body['lsid'], number);
  return engine.transactions.continue(session, number);
}

/** What a command saw after its transaction was overtaken is no answer, though the command itself went well. */
async function runInTransaction(run: CommandRun, spec: CommandSpec, transaction: Transaction): Promise<Reply> {
  try {
    const reply = await spec.handle(run);
    if (transaction.isOvertaken) throw writeConflict();
    // A failed statement is the end of its transaction, as a failed command is; what the driver sends next learns so.
    if (transaction.hasFailed && run.session) run.engine.transactions.end(run.session);
    return reply;
  } catch (error) {
    run.engine.transactions.end(run.session as string);
    throw transaction.isOvertaken ? writeConflict() : error;
  }
}

async function runWrite(run: CommandRun, spec: CommandSpec): Promise<Reply> {
  const { txnNumber } = run.body;
  const { session } = run;
  if (typeof txnNumber !== 'number' || session === null) {
    const reply = await spec.handle(run);
    await run.commit();
    return reply;
  }
  const earlier = earlierReply(run, session, txnNumber);
  if (earlier) {
    await run.engine.disk.settled();
    return { document: earlier };
  }
  const reply = await spec.handle(run);
  const at = new Date(run.engine.clock.now());
  if (run.unit.overlay.writes.size > 0)
    writeRecord(run.unit.overlay, session, { txnNumber, reply: reply.document, isTransaction: false, at });
  await run.commit();
  return reply;
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

function refuseSnapshot(body: Document): void {
  const level = body['readConcern']?.['level'];
  if (level === 'snapshot' && body['autocommit'] !== false)
    throw notSupported('Reading a snapshot outside a transaction');
  if (body['apiStrict'] === true) throw notSupported('apiStrict');
}

async function run(shared: Shared, request: Request | MongoError): Promise<Reply> {
  if (request instanceof MongoError) throw request;
  const { engine, cursors } = shared;
  const spec = COMMANDS[request.name.toLowerCase()];
  if (!spec) throw notSupported(`The command ${request.name}`);
  refuseSnapshot(request.body);
  const transaction = transactionOf(engine, request.body, spec, request.name);
  const command = new CommandRun(engine, cursors, request, transaction);
  if (transaction) return runInTransaction(command, spec, transaction);
  if (!spec.writes) return spec.handle(command);
  if (command.session !== null && request.body['txnNumber'] !== undefined)
    return inTurn(shared, command.session, () => runWrite(command, spec));
  return runWrite(command, spec);
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

/** Runs a command, or refuses what could not be read as one; a failure is an answer too. */
export async function execute(shared: Shared, request: Request | MongoError): Promise<Reply> {
  const reply = await run(shared, request).catch((error) => ({ document: toFailure(shared, error, request.name) }));
  const operationTime = shared.engine.time.latest;
  const $clusterTime = { clusterTime: operationTime, signature: NO_SIGNATURE };
  return { ...reply, document: { ok: 1, ...reply.document, operationTime, $clusterTime } };
}
