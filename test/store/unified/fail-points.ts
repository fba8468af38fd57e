import type { Document } from './test-file.ts';
import { TransactionalWrites } from './transactional-writes.ts';

/** What is to become of a command. */
export interface Verdict {
  /** Milliseconds to wait first. */
  readonly delayMs: number;
  /** The connection is cut instead of an answer. */
  readonly isCut: boolean;
  /** The answer instead of the server's. */
  readonly refusal: Document | null;
  /** Members added to the server's answer. */
  readonly added: Document | null;
}

/** Names of codes that files of tests ask for. */
const CODE_NAMES: Readonly<Record<number, string>> = { 11601: 'Interrupted' };

const RETRYABLE = new Set([6, 7, 89, 91, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436]);
const RESUMABLE = new Set([...RETRYABLE, 43, 63, 133, 150, 234]);
const TRANSIENT = new Set([...RETRYABLE, 24, 112, 246, 251]);
const ENDINGS = new Set(['commitTransaction', 'abortTransaction']);

/** Labels a server of version 4.4 and later puts on an error. https://github.com/mongodb/specifications/blob/master/source/retryable-writes/retryable-writes.md */
function labelsOf(name: string, body: Document, code: number | undefined, concern: number | undefined): string[] {
  const labels: string[] = [];
  const isRetryable = [code, concern].some((it) => it !== undefined && RETRYABLE.has(it));
  const inTransaction = body['autocommit'] === false;
  const isWrite = body['txnNumber'] !== undefined && !inTransaction;
  if (isRetryable && (isWrite || ENDINGS.has(name))) labels.push('RetryableWriteError');
  const endsUnknown = ENDINGS.has(name) && code !== 251 && code !== 112;
  if (inTransaction && code !== undefined && TRANSIENT.has(code) && !endsUnknown)
    labels.push('TransientTransactionError');
  return labels;
}

interface Armed {
  readonly data: Document;
  skip: number;
  times: number;
}

function toArmed(mode: unknown, data: Document): Armed {
  if (mode === 'alwaysOn') return { data, skip: 0, times: Number.POSITIVE_INFINITY };
  const { times, skip } = mode as { times?: number; skip?: number };
  return { data, skip: skip ?? 0, times: times ?? Number.POSITIVE_INFINITY };
}

/** MongoDB's fail points as far as the unified tests use them, applied in front of a server instead of in it. */
export class FailPoints {
  readonly #armed = new Map<string, Armed>();
  readonly writes = new TransactionalWrites();

  /** Handles `configureFailPoint`; the answer to it. */
  configure(command: Document): Document {
    const name = command['configureFailPoint'] as string;
    const data = (command['data'] ?? {}) as Document;
    if (name === 'onPrimaryTransactionalWrite') {
      this.writes.configure(command);
      return { ok: 1 };
    }
    const known = name === 'failGetMoreAfterCursorCheckout' || name === 'failCommand';
    if (!known) return { ok: 0, code: 9, codeName: 'FailedToParse', errmsg: `The runner has no fail point ${name}` };
    const commands = name === 'failCommand' ? {} : { failCommands: ['getMore'], isAfterCheckout: true };
    if (command['mode'] === 'off') this.#armed.delete(name);
    else this.#armed.set(name, toArmed(command['mode'], { ...data, ...commands }));
    return { ok: 1 };
  }

  clear(): void {
    this.#armed.clear();
    this.writes.clear();
  }

  /** What becomes of a command; null leaves it alone. */
  judge(name: string, body: Document, appName: string | undefined): Verdict | null {
    for (const armed of this.#armed.values()) {
      const { failCommands, appName: wanted } = armed.data;
      const isMeant = (failCommands as string[]).some((it) => it.toLowerCase() === name.toLowerCase());
      if (!isMeant || (wanted !== undefined && wanted !== appName) || armed.times <= 0) continue;
      if (armed.skip > 0) {
        armed.skip -= 1;
        continue;
      }
      armed.times -= 1;
      return verdictOf(name, body, armed.data);
    }
    return null;
  }
}

function verdictOf(name: string, body: Document, data: Document): Verdict {
  const code = data['errorCode'] as number | undefined;
  const concern = data['writeConcernError'] as Document | undefined;
  const errorLabels = data['errorLabels'] ?? labelsOf(name, body, code, concern?.['code'] as number | undefined);
  // failCommand fails before the server knows of a change stream; the other does not.
  if (data['isAfterCheckout'] === true && code !== undefined && RESUMABLE.has(code))
    (errorLabels as string[]).push('ResumableChangeStreamError');
  const labelled = (errorLabels as string[]).length > 0 ? { errorLabels } : {};
  const errmsg = `Failing command '${name}' by a fail point`;
  return {
    delayMs: data['blockConnection'] === true ? Number(data['blockTimeMS'] ?? 0) : 0,
    isCut: data['closeConnection'] === true,
    refusal:
      code === undefined
        ? null
        : { ok: 0, errmsg, code, ...(CODE_NAMES[code] ? { codeName: CODE_NAMES[code] } : {}), ...labelled },
    added: concern ? { writeConcernError: concern, ...labelled } : null,
  };
}
