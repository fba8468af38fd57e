import { divide } from '../aggregate/pushed-down.ts';
import { MongoError, notSupported } from '../mongo-error.ts';
import { type FindOptions, find as openFind } from '../query/find.ts';
import { toSortSpec } from '../query/sort.ts';
import { type Document, isDocument } from '../value/codec.ts';
import { CommandRun, type Reply } from './command-run.ts';
import { drain } from './count-distinct.ts';
import { toFindOptions } from './find.ts';

/** The query at the heart of a command that can be explained. */
function queryOf(name: string, command: Document): FindOptions {
  if (name === 'find') return toFindOptions(command);
  if (name === 'aggregate') return divide(command['pipeline'] ?? []).query;
  if (name === 'count' || name === 'distinct') return { filter: command['query'] ?? {} };
  if (name === 'findAndModify') return { filter: command['query'] ?? {}, sort: toSortSpec(command['sort']), limit: 1 };
  const statement = (command['updates'] ?? command['deletes'])?.[0] as Document | undefined;
  if (!statement) throw notSupported(`explain of ${name}`);
  return { filter: statement['q'] ?? {} };
}

/** `explain`: which index a query reads, and how many keys and documents it examines. The query is run, nothing is written. */
export async function explain(run: CommandRun): Promise<Reply> {
  const command = run.body['explain'];
  if (!isDocument(command)) throw new MongoError('FailedToParse', 'explain needs a command');
  const name = Object.keys(command)[0] as string;
  const inner = new CommandRun(
    run.engine,
    run.cursors,
    { name, body: { ...command, $db: run.database }, documents: [] },
    run.transaction,
  );
  const collection = run.engine.collection(inner.unit, inner.namespace);
  if (!collection) return { document: { queryPlanner: { winningPlan: { stage: 'EOF' } } } };
  const { plan, stats, documents } = openFind(inner.unit, collection, queryOf(name, command));
  let nReturned = 0;
  await drain(documents, () => {
    nReturned += 1;
  });
  const isWhole = plan.index === null && plan.ranges[0]?.start === collection.id;
  const stage = plan.index ? 'IXSCAN' : isWhole ? 'COLLSCAN' : 'IDHACK';
  const index = plan.index ? { indexName: plan.index.name, isMultiKey: plan.index.multikey } : {};
  const winningPlan = {
    ...(plan.ordered ? {} : { inMemorySort: true }),
    stage,
    ...index,
    direction: plan.reverse ? 'backward' : 'forward',
  };
  return {
    document: {
      explainVersion: '1',
      queryPlanner: { namespace: inner.namespace, winningPlan, rejectedPlans: [] },
      executionStats: {
        executionSuccess: true,
        nReturned,
        totalKeysExamined: isWhole ? 0 : stats.keysExamined,
        totalDocsExamined: stats.docsExamined,
        executionStages: winningPlan,
      },
    },
  };
}
