import type { Document } from '../value/codec.ts';
import { type CommandRun, type Reply, refuseOptions } from './command-run.ts';
import { eachMatch } from './matching.ts';
import { eachStatement } from './write-errors.ts';
import { deleteOne } from './write-one.ts';

/** `delete`. */
export async function remove(run: CommandRun): Promise<Reply> {
  const collection = run.engine.collection(run.unit, run.namespace);
  const { n, rest } = await eachStatement(run, run.body['deletes'] as Document[], async (statement) => {
    refuseOptions(statement, ['collation']);
    let n = 0;
    if (!collection) return { n };
    const options = { filter: statement['q'] ?? {}, hint: statement['hint'], variables: run.body['let'] };
    await eachMatch(run, collection, options, (stored) => {
      deleteOne(run, collection, stored);
      n += 1;
      return statement['limit'] !== 1;
    });
    return { n };
  });
  return { document: { n, ...rest } };
}
