import { aggregate } from '../commands/aggregate.ts';
import { collMod } from '../commands/coll-mod.ts';
import { create, drop, dropDatabase, listCollections, listDatabases, listIndexes } from '../commands/collections.ts';
import type { CommandRun, Reply } from '../commands/command-run.ts';
import { count, distinct } from '../commands/count-distinct.ts';
import { remove } from '../commands/delete.ts';
import { explain } from '../commands/explain.ts';
import { find } from '../commands/find.ts';
import { findAndModify } from '../commands/find-and-modify.ts';
import { getMore, killCursors } from '../commands/get-more.ts';
import { buildInfo } from '../commands/handshake.ts';
import { createIndexes, dropIndexes } from '../commands/indexes.ts';
import { insert } from '../commands/insert.ts';
import { renameCollection } from '../commands/rename.ts';
import { endSessions, killAllSessions, killSessions, refreshSessions, startSession } from '../commands/sessions.ts';
import { abortTransaction, commitTransaction } from '../commands/transactions.ts';
import { update } from '../commands/update.ts';

/** How a command is run. */
export interface CommandSpec {
  readonly handle: (run: CommandRun) => Reply | Promise<Reply>;
  /** Writes documents: committed before it answers, and not done again when it is sent again. */
  readonly writes?: true;
  /** Each of its statements is told apart when it is sent again; else its answer is kept. */
  readonly hasStatements?: true;
  /** Commits or aborts a transaction. */
  readonly endsTransaction?: true;
  /** May be part of a transaction. */
  readonly inTransaction?: true;
}

const nothing = (): Reply => ({ document: {} });

/** Every command there is, by its lower-cased name. */
export const COMMANDS: Readonly<Record<string, CommandSpec>> = {
  ping: { handle: nothing },
  buildinfo: { handle: buildInfo },
  insert: { handle: insert, writes: true, hasStatements: true, inTransaction: true },
  update: { handle: update, writes: true, hasStatements: true, inTransaction: true },
  delete: { handle: remove, writes: true, hasStatements: true, inTransaction: true },
  findandmodify: { handle: findAndModify, writes: true, inTransaction: true },
  find: { handle: find, inTransaction: true },
  getmore: { handle: getMore, inTransaction: true },
  killcursors: { handle: killCursors, inTransaction: true },
  aggregate: { handle: aggregate, inTransaction: true },
  explain: { handle: explain, inTransaction: true },
  count: { handle: count },
  distinct: { handle: distinct, inTransaction: true },
  create: { handle: create, inTransaction: true },
  drop: { handle: drop },
  renamecollection: { handle: renameCollection },
  collmod: { handle: collMod },
  dropdatabase: { handle: dropDatabase },
  listcollections: { handle: listCollections },
  listdatabases: { handle: listDatabases },
  listindexes: { handle: listIndexes },
  createindexes: { handle: createIndexes, inTransaction: true },
  dropindexes: { handle: dropIndexes },
  startsession: { handle: startSession },
  refreshsessions: { handle: refreshSessions },
  endsessions: { handle: endSessions },
  killsessions: { handle: killSessions },
  killallsessions: { handle: killAllSessions },
  committransaction: { handle: commitTransaction, inTransaction: true, endsTransaction: true },
  aborttransaction: { handle: abortTransaction, inTransaction: true, endsTransaction: true },
};
