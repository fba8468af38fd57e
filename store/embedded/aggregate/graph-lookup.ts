import { MongoError } from '../mongo-error.ts';
import { setAt } from '../update/path.ts';
import { clone, type Document, isDocument } from '../value/codec.ts';
import { encodeValue } from '../value/key.ts';
import { valuesAt } from '../value/path.ts';
import { compileExpression } from './expressions.ts';
import { HeldBytes } from './held-documents.ts';
import type { PipelineContext } from './pipeline-context.ts';
import type { Stage } from './rows.ts';

/** A `$graphLookup` as it was asked for. */
interface GraphLookup {
  readonly from: string;
  readonly as: string;
  readonly startWith: (document: Document) => unknown;
  readonly connectFromField: string;
  readonly connectToField: string;
  readonly maxDepth: number;
  readonly depthField: string | null;
  readonly restriction: Document;
}

function toGraphLookup(context: PipelineContext, specification: unknown): GraphLookup {
  const { from, as, startWith, connectFromField, connectToField, ...rest } = (specification ?? {}) as Document;
  const { maxDepth = Number.POSITIVE_INFINITY, depthField = null, restrictSearchWithMatch = {}, ...unknown } = rest;
  const names = { from, as, connectFromField, connectToField };
  for (const [name, value] of Object.entries(names))
    if (typeof value !== 'string') throw new MongoError('FailedToParse', `$graphLookup needs '${name}' as a string`);
  if (startWith === undefined) throw new MongoError('FailedToParse', "$graphLookup needs 'startWith'");
  if (typeof maxDepth !== 'number' || maxDepth < 0)
    throw new MongoError('BadValue', 'maxDepth requires a nonnegative number');
  if (!isDocument(restrictSearchWithMatch))
    throw new MongoError('BadValue', 'restrictSearchWithMatch must be an object');
  const other = Object.keys(unknown)[0];
  if (other) throw new MongoError('FailedToParse', `Unknown argument to $graphLookup: ${other}`);
  return {
    from,
    as,
    startWith: compileExpression(startWith, context.variables),
    connectFromField,
    connectToField,
    maxDepth,
    depthField,
    restriction: restrictSearchWithMatch,
  };
}

function unvisited(values: readonly unknown[], visited: Set<string>): unknown[] {
  return values.flat(1).filter((value) => {
    const key = encodeValue(value);
    return value !== undefined && !visited.has(key) && visited.add(key);
  });
}

/** All documents reached from one, breadth first: a query of the foreign collection per depth. */
async function reach(context: PipelineContext, graph: GraphLookup, document: Document): Promise<Document[]> {
  const held = new HeldBytes('$graphLookup');
  const visited = new Set<string>();
  const found = new Map<string, Document>();
  let frontier = unvisited([graph.startWith(document)], visited);
  for (let depth = 0; frontier.length > 0 && depth <= graph.maxDepth; depth += 1) {
    const filter = { $and: [{ [graph.connectToField]: { $in: frontier } }, graph.restriction] };
    const next: unknown[] = [];
    for await (const chunk of context.open(graph.from, [{ $match: filter }], {}))
      for (const reached of chunk) {
        const key = encodeValue(reached['_id']);
        if (found.has(key)) continue;
        held.addDocument(reached);
        next.push(...valuesAt(reached, graph.connectFromField));
        found.set(key, graph.depthField === null ? reached : { ...reached, [graph.depthField]: depth });
      }
    frontier = unvisited(next, visited);
  }
  return [...found.values()];
}

/** `$graphLookup`. MongoError FailedToParse. */
export function graphLookupStage(context: PipelineContext, specification: unknown): Stage {
  const graph = toGraphLookup(context, specification);
  return async function* (rows) {
    for await (const chunk of rows)
      for (const document of chunk) {
        const result = clone(document);
        setAt(result, graph.as.split('.'), await reach(context, graph, document));
        yield [result];
      }
  };
}
