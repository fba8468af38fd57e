import type { Clock } from '../../../lib/clock.ts';
import { AppError } from '../../../lib/errors.ts';
import { Catalog, catalogKey } from '../catalog/catalog.ts';
import { type CollectionDefinition, ID_INDEX, type IndexShape, withShape } from '../catalog/definitions.ts';
import { DiskFile } from '../disk/disk-file.ts';
import { MongoError } from '../mongo-error.ts';
import { hurry } from '../query/turns.ts';
import type { Change } from './change.ts';
import { ChangeLog } from './change-log.ts';
import { ClusterTime } from './cluster-time.ts';
import { collectGarbage } from './collect-garbage.ts';
import { expireDocuments } from './expire-documents.ts';
import { expireSessions } from './expire-sessions.ts';
import { type Transaction, Transactions } from './transactions.ts';
import { WorkUnit } from './work-unit.ts';

/** Milliseconds between two removals of expired documents. */
const EXPIRY_MS = 60_000;

/** Bytes of `database.collection`, as in MongoDB. */
const MAX_NAMESPACE = 255;

/** What an engine is opened with. */
export interface EngineOptions {
  /** The data file. */
  readonly file: string;
  /** Free bytes of its disk. @default asks the file system */
  readonly freeBytes?: (() => number) | undefined;
  readonly clock: Clock;
  /** Told when something beside commands fails. */
  readonly onFailure: (error: unknown, task: string) => void;
}

/** The change that makes a collection. */
function toCreation(namespace: string): Change {
  return { operation: 'create', namespace, details: { idIndex: ID_INDEX } };
}

/** MongoError InvalidNamespace when a collection cannot be called so. */
export function requireValidName(namespace: string): void {
  const name = namespace.slice(namespace.indexOf('.') + 1);
  const isLegal = !/^\.|\.\.|\.$|[\0$]/.test(name) && !name.startsWith('system.');
  if (name === '' || !isLegal || Buffer.byteLength(namespace) > MAX_NAMESPACE)
    throw new MongoError('InvalidNamespace', `Invalid collection name: ${name.slice(0, MAX_NAMESPACE)}`);
}

/** What all commands share: the file, the catalog, running transactions, the log of changes. */
export class Engine {
  readonly disk: DiskFile;
  readonly catalog: Catalog;
  readonly transactions: Transactions;
  readonly changes: ChangeLog;
  readonly time: ClusterTime;
  readonly clock: Clock;
  readonly #onFailure: (error: unknown, task: string) => void;
  readonly #timers: NodeJS.Timeout[];
  #isClosing = false;

  /** Opens the file, or makes it. AppError DATA_CORRUPT. */
  constructor({ file, clock, onFailure, freeBytes }: EngineOptions) {
    this.clock = clock;
    this.#onFailure = onFailure;
    this.disk = new DiskFile(file, freeBytes);
    this.catalog = new Catalog(this.disk);
    this.changes = new ChangeLog(this.disk);
    this.time = new ClusterTime(clock, this.changes.lastTime());
    this.transactions = new Transactions(this.disk, clock);
    this.disk.onReopened(() => this.#reload());
    this.#dropUnfinishedIndexes();
    this.#timers = [
      setInterval(() => this.transactions.expire(), 1000).unref(),
      setInterval(() => this.inBackground('expire', this.#expire()), EXPIRY_MS).unref(),
    ];
    this.inBackground('garbage', collectGarbage(this));
  }

  /** Lets a task run beside commands; a failure is told, unless we are closing. */
  inBackground(task: string, work: Promise<void>): void {
    work.catch((error) => {
      if (!this.#isClosing) this.#onFailure(error, task);
    });
  }

  /** A unit of work of one command. */
  begin(): WorkUnit {
    return new WorkUnit(this.disk, false, this.disk.age);
  }

  /** A write failed and the file was opened again: what was in memory ahead of it is forgotten. */
  #reload(): void {
    this.catalog.reload(this.disk);
    this.changes.reload();
    this.transactions.overtakeAll();
    this.#dropUnfinishedIndexes();
  }

  /** Makes a unit visible to all at once; resolves when it is on disk. Open transactions that read what it changes are overtaken. */
  async commit(unit: WorkUnit, transaction?: Transaction): Promise<void> {
    const { overlay } = unit;
    if (overlay.writes.size === 0) return;
    this.disk.requireWritable();
    if (!unit.tracker && unit.age !== this.disk.age)
      throw new AppError('STORE_UNAVAILABLE', 'A write failed meanwhile, and the data file was opened again.');
    const changes = this.#enterCreated(unit);
    this.transactions.overtake(overlay.writes, unit);
    const facts = {
      time: this.time.next(),
      wall: new Date(this.clock.now()),
      ...(transaction ? { transaction: { lsid: transaction.lsid, txnNumber: transaction.number } } : {}),
    };
    const publish = this.changes.append(overlay, changes, facts);
    const relax = hurry();
    await this.disk.commit(overlay.writes).finally(relax);
    publish();
  }

  /** Makes the collections of a transaction known to all; answers its changes, theirs first. */
  #enterCreated({ overlay, created, changes }: WorkUnit): readonly Change[] {
    for (const collection of created.values()) this.catalog.put(overlay, collection);
    const made = [...created.values()].map(({ namespace }) => toCreation(namespace));
    return [...made, ...changes].map((change) => {
      const uuid = change.uuid ?? this.catalog.find(change.namespace)?.uuid;
      return uuid ? { ...change, uuid } : change;
    });
  }

  /** Runs a change of the catalog and commits it. */
  async changeCatalog<Result>(change: (unit: WorkUnit) => Result): Promise<Result> {
    this.disk.requireWritable();
    const unit = this.begin();
    const result = change(unit);
    await this.commit(unit);
    return result;
  }

  /** The collection as a unit of work sees it; a transaction is overtaken when the definition changes. */
  collection(unit: WorkUnit, namespace: string): CollectionDefinition | undefined {
    unit.tracker?.get(catalogKey(namespace));
    return this.catalog.find(namespace) ?? unit.created.get(namespace);
  }

  /** The collection, made when absent: at once, or with the commit of the transaction. MongoError InvalidNamespace. */
  ensureCollection(unit: WorkUnit, namespace: string): CollectionDefinition {
    const existing = this.collection(unit, namespace);
    if (existing) return existing;
    requireValidName(namespace);
    if (!unit.tracker) return this.#makeCollection(namespace);
    const draft = this.catalog.draft(unit.overlay, namespace);
    unit.created.set(namespace, draft);
    return draft;
  }

  #makeCollection(namespace: string): CollectionDefinition {
    this.disk.requireWritable();
    const unit = this.begin();
    const collection = this.catalog.create(unit.overlay, namespace);
    unit.changes.push(toCreation(namespace));
    // Whatever uses the collection is committed after it, in order.
    this.inBackground('create', this.commit(unit));
    return collection;
  }

  /** Notes what a document makes of an index. Committed before the document that makes it so. */
  noteShape(unit: WorkUnit, namespace: string, shape: IndexShape): void {
    const draft = unit.created.get(namespace);
    if (draft) unit.created.set(namespace, withShape(draft, shape));
    const current = this.catalog.find(namespace);
    const next = current && withShape(current, shape);
    if (next === current || !next) return;
    this.disk.requireWritable();
    const own = this.begin();
    this.catalog.put(own.overlay, next);
    this.inBackground('index', this.disk.commit(own.overlay.writes));
  }

  #dropUnfinishedIndexes(): void {
    const unit = this.begin();
    for (const { namespace, indexes } of this.catalog.list())
      for (const index of indexes) if (!index.ready) this.catalog.removeIndex(unit.overlay, namespace, index);
    this.inBackground('index', this.disk.commit(unit.overlay.writes));
  }

  async #expireChanges(): Promise<void> {
    const unit = this.begin();
    this.changes.expire(unit.overlay, this.clock.now());
    await this.disk.commit(unit.overlay.writes);
  }

  async #expire(): Promise<void> {
    await this.#expireChanges();
    await expireSessions(this);
    await expireDocuments(this);
  }

  /** Ends what waits and runs beside commands, then closes the file. */
  async close(): Promise<void> {
    this.#isClosing = true;
    for (const timer of this.#timers) clearInterval(timer);
    this.changes.close();
    await this.disk.close();
  }
}
