import { toVariables } from '../aggregate/expressions.ts';
import { MongoError } from '../mongo-error.ts';
import { isDocument } from '../value/codec.ts';
import type { CommandRun, Reply } from './command-run.ts';
import { eachMatch } from './matching.ts';
import { eachStatement, statementsIn } from './write-errors.ts';
import { deleteOne } from './write-one.ts';

/** `delete`. */
export async function remove(run: CommandRun): Promise<Reply> {
  const collection = run.engine.collection(run.unit, run.namespace);
  const variables = toVariables(run.body['let']);
  const { n, rest } = await eachStatement(run, statementsIn(run, 'deletes'), async (statement) => {
    const { q: filter, limit, hint, collation } = statement;
    if (!isDocument(filter)) throw new MongoError('FailedToParse', 'a delete needs a query `q`');
    if (limit !== 0 && limit !== 1) throw new MongoError('FailedToParse', 'The limit of a delete must be 0 or 1');
    let n = 0;
    if (!collection) return { n };
    const options = { filter, hint, collation, variables };
    await eachMatch(run, collection, options, (stored) => {
      deleteOne(run, collection, stored);
      n += 1;
      return limit === 0;
    });
    return { n };
  });
  return { document: { n, ...rest } };
}
