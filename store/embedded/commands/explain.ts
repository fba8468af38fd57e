import { divide } from '../aggregate/pushed-down.ts';
import { MongoError, notSupported } from '../mongo-error.ts';
import { describePlan, isWhole } from '../query/describe-plan.ts';
import { type FindOptions, find as openFind } from '../query/find.ts';
import { toSortSpec } from '../query/sort.ts';
import { type Document, isDocument } from '../value/codec.ts';
import { CommandRun, type Reply } from './command-run.ts';
import { drain, tally } from './count-distinct.ts';
import { toFindOptions } from './find.ts';

/** The query at the heart of a command that can be explained. */
function queryOf(name: string, command: Document): FindOptions {
  if (name === 'find') return toFindOptions(command);
  if (name === 'aggregate') return { ...divide(command['pipeline'] ?? []).query, hint: command['hint'] };
  if (name === 'count' || name === 'distinct') return { filter: command['query'] ?? {}, hint: command['hint'] };
  if (name === 'findAndModify') return { filter: command['query'] ?? {}, sort: toSortSpec(command['sort']), limit: 1 };
  const statement = (command['updates'] ?? command['deletes'])?.[0] as Document | undefined;
  if (!statement) throw notSupported(`explain of ${name}`);
  return { filter: statement['q'] ?? {}, hint: statement['hint'] };
}

/** The command within, as one of its own. */
function toInner(run: CommandRun): CommandRun {
  const command = run.body['explain'];
  if (!isDocument(command)) throw new MongoError('FailedToParse', 'explain needs a command');
  const name = Object.keys(command)[0] as string;
  const request = { name, body: { ...command, $db: run.database }, documents: [] };
  return new CommandRun(run.engine, run.cursors, request, run.transaction);
}

/** `explain`: which index a query reads, and how many keys and documents it examines. The query is run, nothing is written. */
export async function explain(run: CommandRun): Promise<Reply> {
  const inner = toInner(run);
  const { name, body } = inner.request;
  const collection = run.engine.collection(inner.unit, inner.namespace);
  if (!collection) return { document: { queryPlanner: { winningPlan: { stage: 'EOF' } } } };
  const query = queryOf(name, body);
  const { plan, stats, documents, count } = openFind(inner.unit, collection, query);
  const countsKeys = name === 'count' && plan.exact;
  let nReturned = 0;
  if (countsKeys) nReturned = await tally(count());
  else
    await drain(documents, () => {
      nReturned += 1;
    });
  const { sort = [], skip = 0, limit = 0 } = query;
  const winningPlan = describePlan(plan, collection, { sort, skip, limit, countsKeys });
  return {
    document: {
      explainVersion: '1',
      queryPlanner: { namespace: inner.namespace, winningPlan, rejectedPlans: [] },
      executionStats: {
        executionSuccess: true,
        nReturned,
        totalKeysExamined: isWhole(plan, collection) && !countsKeys ? 0 : stats.keysExamined,
        totalDocsExamined: stats.docsExamined,
        executionStages: winningPlan,
      },
    },
  };
}
