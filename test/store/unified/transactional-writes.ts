import { type Document, deserialize } from 'bson';

/** What becomes of a retryable write. */
export interface WriteVerdict {
  /** Statements of it that reach the server: all, or those before the one that fails. */
  readonly statements: number;
  readonly isWhole: boolean;
}

const STATEMENTS: Readonly<Record<string, string>> = { update: 'updates', delete: 'deletes' };
const WRITES = new Set(['insert', 'update', 'delete', 'findAndModify']);

/** Statements that come as a section beside the body of an OP_MSG, as drivers send many. */
function sectionOf(message: Buffer, field: string): Document[] | null {
  let at = 21 + message.readInt32LE(21);
  if (at >= message.length || message[at] !== 1) return null;
  const end = at + 1 + message.readInt32LE(at + 1);
  at += 5;
  const name = message.toString('utf8', at, message.indexOf(0, at));
  if (name !== field) return null;
  const found: Document[] = [];
  for (at += name.length + 1; at < end; at += message.readInt32LE(at))
    found.push(deserialize(message.subarray(at, at + message.readInt32LE(at)), { promoteValues: false }));
  return found;
}

/** The statements of an update or a delete, each of which is one write; null for commands that are one write as a whole. */
export function statementsOf(message: Buffer, name: string, body: Document): Document[] | null {
  const field = STATEMENTS[name];
  return field ? (sectionOf(message, field) ?? (body[field] as Document[])) : null;
}

/** The command with the first statements only, in its body. */
export function withStatements(name: string, body: Document, statements: readonly Document[]): Document {
  return { ...body, [STATEMENTS[name] as string]: [...statements] };
}

/**
 * MongoDB's fail point `onPrimaryTransactionalWrite`: met by each write of a retryable command that is done for the first
 * time. The connection is lost; with `failBeforeCommitExceptionCode` the write is not done either.
 */
export class TransactionalWrites {
  #armed: { skip: number; times: number; fails: boolean } | null = null;
  /** Writes done of a command, by session and number. */
  readonly #done = new Map<string, number>();

  configure({ mode, data = {} }: Document): void {
    const { skip = 0, times = Number.POSITIVE_INFINITY } = typeof mode === 'object' ? mode : {};
    this.#armed = mode === 'off' ? null : { skip, times, fails: data['failBeforeCommitExceptionCode'] !== undefined };
  }

  clear(): void {
    this.#armed = null;
    this.#done.clear();
  }

  /** What becomes of a command of so many writes; null when nothing happens to it. */
  judge(name: string, body: Document, writes: number): WriteVerdict | null {
    const isRetryable = WRITES.has(name) && body['txnNumber'] !== undefined && body['autocommit'] === undefined;
    if (!this.#armed || !isRetryable) return null;
    const key = `${body['lsid'].id.toString('hex')} ${String(body['txnNumber'])}`;
    let isLost = false;
    let done = this.#done.get(key) ?? 0;
    let isWhole = true;
    for (; done < writes && isWhole; done += 1) {
      const isMet = this.#isMet();
      isLost ||= isMet;
      isWhole = !(isMet && this.#armed.fails);
      if (!isWhole) break;
    }
    this.#done.set(key, done);
    return isLost ? { statements: done, isWhole } : null;
  }

  #isMet(): boolean {
    const armed = this.#armed;
    if (!armed) return false;
    if (armed.skip > 0) {
      armed.skip -= 1;
      return false;
    }
    armed.times -= 1;
    return armed.times >= 0;
  }
}
