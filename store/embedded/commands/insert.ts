import { ObjectId } from 'bson';
import { decode, encode } from '../value/codec.ts';
import type { CommandRun, Reply } from './command-run.ts';
import { eachStatement } from './write-errors.ts';
import { insertOne } from './write-one.ts';

/** `insert`: what the client sent is stored byte for byte. */
export async function insert(run: CommandRun): Promise<Reply> {
  const collection = run.engine.ensureCollection(run.unit, run.namespace);
  const { n, rest } = await eachStatement(run, run.request.documents, (bytes) => {
    const sent = decode(bytes);
    const hasId = sent['_id'] !== undefined;
    const document = hasId ? sent : { _id: new ObjectId(), ...sent };
    insertOne(run, collection, hasId ? bytes : encode(document), document);
    return { n: 1 };
  });
  return { document: { n, ...rest } };
}
