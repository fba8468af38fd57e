import type { CommandRun } from '../commands/command-run.ts';
import { drain } from '../commands/count-distinct.ts';
import { find } from '../query/find.ts';
import type { Document } from '../value/codec.ts';
import { isIndexed, lookUp, type SimpleLookup, toSimpleLookup } from './lookup.ts';
import { foreignCollections, runStages } from './stages.ts';

async function readAll(run: CommandRun, name: string): Promise<Document[]> {
  const collection = run.engine.collection(run.unit, `${run.database}.${name}`);
  const documents: Document[] = [];
  if (collection)
    await drain(find(run.unit, collection, { filter: {} }).documents, ({ document }) => documents.push(document));
  return documents;
}

async function readForeign(run: CommandRun, stages: readonly Document[]): Promise<Map<string, Document[]>> {
  const foreign = new Map<string, Document[]>();
  for (const name of new Set(foreignCollections(stages))) foreign.set(name, await readAll(run, name));
  return foreign;
}

function indexedLookup(run: CommandRun, stage: Document) {
  const lookup: SimpleLookup | null = toSimpleLookup(stage);
  const foreign = lookup && run.engine.collection(run.unit, `${run.database}.${lookup.from}`);
  return lookup && foreign && isIndexed(foreign, lookup) ? { lookup, foreign } : null;
}

/** Runs stages over documents: lookups that an index serves by index, the others with all of the foreign collection in memory. */
export async function runPipeline(
  run: CommandRun,
  documents: Document[],
  stages: readonly Document[],
): Promise<Document[]> {
  let current = documents;
  let waiting: Document[] = [];
  const flush = async () => {
    current = runStages(current, waiting, await readForeign(run, waiting), run.body['let']);
    waiting = [];
  };
  for (const stage of stages) {
    const indexed = indexedLookup(run, stage);
    if (!indexed) {
      waiting.push(stage);
      continue;
    }
    if (waiting.length > 0) await flush();
    current = await lookUp(run.unit, indexed.foreign, indexed.lookup, current);
  }
  if (waiting.length > 0) await flush();
  return current;
}
