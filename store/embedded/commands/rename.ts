import { Binary } from 'bson';
import { collectGarbage } from '../engine/collect-garbage.ts';
import { requireValidName } from '../engine/engine.ts';
import { MongoError } from '../mongo-error.ts';
import type { CommandRun, Reply } from './command-run.ts';

function namespaceIn(run: CommandRun, field: string): string {
  const namespace = run.body[field];
  if (typeof namespace !== 'string' || !/^[^.]+\../.test(namespace))
    throw new MongoError('InvalidNamespace', `Invalid namespace specified '${String(namespace)}'`);
  return namespace;
}

/** `renameCollection`, on the admin database as MongoDB has it. MongoError NamespaceNotFound, NamespaceExists. */
export async function renameCollection(run: CommandRun): Promise<Reply> {
  const { engine, body } = run;
  const [from, to] = [namespaceIn(run, run.request.name), namespaceIn(run, 'to')];
  if (run.database !== 'admin')
    throw new MongoError('Unauthorized', 'renameCollection may only be run against the admin database.');
  if (from === to) throw new MongoError('IllegalOperation', "Can't rename a collection to itself");
  requireValidName(to);
  await engine.changeCatalog((unit) => {
    const [source, target] = [engine.catalog.find(from), engine.catalog.find(to)];
    if (!source) throw new MongoError('NamespaceNotFound', `Source collection ${from} does not exist`);
    if (target && body['dropTarget'] !== true) throw new MongoError('NamespaceExists', 'target namespace exists');
    if (target) engine.catalog.drop(unit.overlay, target);
    engine.catalog.rename(unit.overlay, source, to);
    const details = target ? { dropTarget: new Binary(target.uuid, 4) } : {};
    unit.changes.push({ operation: 'rename', namespace: from, to, uuid: source.uuid, details });
  });
  engine.inBackground('garbage', collectGarbage(engine));
  return { document: {} };
}
