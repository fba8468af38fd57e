import { withIndex } from '../catalog/definitions.ts';
import { MongoError, notSupported } from '../mongo-error.ts';
import { type Document, isDocument } from '../value/codec.ts';
import { isEqualValue } from '../value/compare.ts';
import type { CommandRun, Reply } from './command-run.ts';

/** What `collMod` may change. */
const OFFERED = new Set(['changeStreamPreAndPostImages', 'index']);
/** Members of every command. */
const COMMON = new Set(['collMod', '$db', 'lsid', '$clusterTime', '$readPreference', 'writeConcern', 'comment']);

function requireOffered(body: Document): void {
  for (const name of Object.keys(body))
    if (!OFFERED.has(name) && !COMMON.has(name)) throw notSupported(`collMod with ${name}`);
}

/** Says whether changes are logged with the documents before and after them: `{ enabled: true }`. */
export async function keepImages(run: CommandRun, setting: unknown): Promise<void> {
  if (!isDocument(setting) || typeof setting['enabled'] !== 'boolean')
    throw new MongoError('TypeMismatch', 'changeStreamPreAndPostImages needs enabled: true or false');
  const images = setting['enabled'];
  const { engine, namespace, unit } = run;
  const draft = unit.created.get(namespace);
  if (draft) {
    unit.created.set(namespace, { ...draft, images });
    return;
  }
  await engine.changeCatalog((own) => {
    const collection = engine.catalog.find(namespace);
    if (collection) engine.catalog.put(own.overlay, { ...collection, images });
  });
}

/** Changes after how long a TTL index removes documents; answers the old and the new time. */
async function changeExpiry(run: CommandRun, change: Document): Promise<Document> {
  const { engine, namespace } = run;
  const { name, keyPattern, expireAfterSeconds, ...others } = change;
  const [other] = Object.keys(others);
  if (other) throw notSupported(`collMod with index.${other}`);
  if (typeof expireAfterSeconds !== 'number' || expireAfterSeconds < 0)
    throw new MongoError('InvalidOptions', 'collMod of an index needs expireAfterSeconds, a number not below 0');
  return engine.changeCatalog((unit) => {
    const collection = engine.catalog.find(namespace);
    const index = collection?.indexes.find((it) =>
      isDocument(keyPattern) ? isEqualValue(keyPattern, Object.fromEntries(it.fields)) : it.name === name,
    );
    if (!collection || !index)
      throw new MongoError('IndexNotFound', `cannot find index ${String(name)} for ns ${namespace}`);
    if (index.fields.length > 1) throw new MongoError('InvalidOptions', 'TTL indexes are single-field indexes');
    engine.catalog.put(unit.overlay, withIndex(collection, { ...index, expireAfterSeconds }));
    const before = index.expireAfterSeconds;
    return {
      ...(before === null ? {} : { expireAfterSeconds_old: before }),
      expireAfterSeconds_new: expireAfterSeconds,
    };
  });
}

/** `collMod`: images of changed documents, the time of a TTL index. MongoError NamespaceNotFound, CommandNotSupported. */
export async function collMod(run: CommandRun): Promise<Reply> {
  const { body, engine, namespace } = run;
  requireOffered(body);
  const { changeStreamPreAndPostImages: images, index } = body;
  if (!engine.catalog.find(namespace)) throw new MongoError('NamespaceNotFound', `ns does not exist: ${namespace}`);
  if (images !== undefined) await keepImages(run, images);
  const answer = index === undefined ? {} : await changeExpiry(run, index as Document);
  await engine.changeCatalog((unit) => {
    const collection = engine.catalog.find(namespace);
    if (!collection) return;
    engine.catalog.put(unit.overlay, collection);
    unit.changes.push({ operation: 'modify', namespace, details: index ? { index } : {} });
  });
  return { document: answer };
}
