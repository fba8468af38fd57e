import type { Document } from 'bson';
import type { Command, Doing, Outcome } from './commands.ts';
import { collide, sorted, type UniqueRule } from './keys.ts';
import { matches } from './match.ts';
import { count, distinct, find, group, unwind } from './read.ts';
import { Refused, updated } from './update.ts';
import { isPlain, isSame } from './values.ts';

const DUPLICATE = 11_000;

/** A collection as MongoDB would keep it, done by trying everything: no index, no plan, nothing of the store's own code. */
export class Oracle {
  #documents: Document[] = [];
  /** As it was before the transaction under way. */
  #before: Document[] | null = null;
  /** A transaction that a failure has ended; what follows in it is not run. */
  hasFailed = false;
  readonly #rules: readonly UniqueRule[];

  constructor(rules: readonly UniqueRule[]) {
    this.#rules = rules;
  }

  get inTransaction(): boolean {
    return this.#before !== null;
  }

  matching(filter: Document): Document[] {
    return sorted(
      this.#documents.filter((it) => matches(it, filter)),
      [['_id', 1]],
    );
  }

  run(command: Command): Outcome {
    try {
      return this.#run(command);
    } catch (error) {
      if (error instanceof Refused) return this.#failed([error.code], 0);
      throw error;
    }
  }

  #failed(codes: number[], n: number): Outcome {
    if (this.inTransaction && codes.length > 0) this.hasFailed = true;
    return { codes, n };
  }

  #run(command: Command): Outcome {
    const { do: name } = command;
    if (name === 'begin') this.#before = [...this.#documents];
    if (name === 'commit' || name === 'abort') this.#end(name === 'commit' && !this.hasFailed);
    if (name === 'insert') return this.#insert(command);
    if (name === 'update') return this.#update(command);
    if (name === 'delete') return this.#delete(command);
    if (name === 'findAndModify') return this.#findAndModify(command);
    if (name === 'find') return { list: find(this.#documents, command) };
    if (name === 'count') return { n: count(this.#documents, command) };
    if (name === 'distinct') return { bag: distinct(this.#documents, command) };
    if (name === 'group') return { bag: group(this.#documents, command) };
    if (name === 'unwind') return { bag: unwind(this.#documents, command) };
    return { n: 0 };
  }

  #end(keeps: boolean): void {
    if (!keeps && this.#before) this.#documents = this.#before;
    this.#before = null;
    this.hasFailed = false;
  }

  #put(document: Document, before?: Document): void {
    if (before && !isSame(before['_id'], document['_id'])) throw new Refused(66, '_id changed');
    const others = this.#documents.filter((it) => it !== before);
    if (others.some((it) => collide(document, it, this.#rules))) throw new Refused(DUPLICATE, 'taken');
    this.#documents = before
      ? this.#documents.map((it) => (it === before ? document : it))
      : [...this.#documents, document];
  }

  #insert({ documents, ordered }: Doing<'insert'>): Outcome {
    const codes: number[] = [];
    let n = 0;
    for (const document of documents)
      try {
        this.#put(document);
        n += 1;
      } catch (error) {
        codes.push((error as Refused).code);
        if (ordered || this.inTransaction) break;
      }
    return this.#failed(codes, n);
  }

  #update(ask: Doing<'update'>): Outcome {
    const found = this.matching(ask.filter);
    const hits = ask.many ? found : found.slice(0, 1);
    if (hits.length === 0 && ask.upsert) {
      this.#put(this.#seeded(ask.filter, ask.update));
      return { codes: [], n: 1 };
    }
    for (const hit of hits) this.#put(updated(hit, ask), hit);
    return { codes: [], n: hits.length };
  }

  /** What an upsert makes of a filter that holds fields equal to values. */
  #seeded(filter: Document, update: Document): Document {
    const isReplacement = !Object.keys(update)[0]?.startsWith('$');
    const { _id, ...fields } = filter;
    if (isReplacement) return updated({ _id }, { update });
    const after = updated({ ...fields }, { update, inserting: true });
    return { _id, ...after };
  }

  /** Whether some document cannot take the update: how many of the others are changed before it is met is not promised. */
  stopsHalfWay({ filter, many, ...ask }: Doing<'update'>): boolean {
    if (!many) return false;
    try {
      for (const hit of this.matching(filter)) updated(hit, ask);
      return false;
    } catch (error) {
      return error instanceof Refused;
    }
  }

  #delete({ filter, many }: Doing<'delete'>): Outcome {
    const found = this.matching(filter);
    const gone = new Set(many ? found : found.slice(0, 1));
    this.#documents = this.#documents.filter((it) => !gone.has(it));
    return { codes: [], n: gone.size };
  }

  #findAndModify({ filter, sort, update, isNew }: Doing<'findAndModify'>): Outcome {
    const [before] = sorted(this.matching(filter), sort);
    if (!before) return { value: null };
    if (!update) {
      this.#documents = this.#documents.filter((it) => it !== before);
      return { value: before };
    }
    const after = updated(before, { update });
    this.#put(after, before);
    return { value: isNew ? after : before };
  }
}

/** Whether an update to several documents could stop half way: what is done by then is not promised. */
export function isSplittable(update: Document, rules: readonly UniqueRule[]): boolean {
  const touched = Object.values(update).flatMap((fields) => (isPlain(fields) ? Object.keys(fields) : []));
  const fields = rules.flatMap(({ path, partial }) => [path, ...Object.keys(partial ?? {})]);
  return touched.some((path) => fields.includes(path.split('.')[0] as string));
}
