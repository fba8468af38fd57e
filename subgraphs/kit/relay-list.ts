import DataLoader from 'dataloader';
import { conjunction } from './condition.ts';
import { canonicalText, encodeCursor } from './cursor.ts';
import { ask, type ListArguments, type ListSpec, type Question } from './list-question.ts';
import { sortValuesOf, toSort } from './order.ts';
import type { Condition, Row } from './row.ts';
import type { SubgraphContext } from './service.ts';

export type { ListArguments, ListSpec } from './list-question.ts';

/** A page. Relay Cursor Connections Specification, with `nodes` as a shortcut. */
export interface Page<R> {
  /** Made only when asked for, as is what follows: a cursor costs a hash. */
  edges(): { readonly cursor: string; readonly node: R }[];
  readonly nodes: readonly R[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    startCursor(): string | null;
    endCursor(): string | null;
  };
  /** Counted only when asked for. */
  totalCount(): Promise<number | null>;
}

/** Lists are counted up to here; beyond it `totalCount` is null. */
const MAX_COUNT = 10_000;

/** A page of a list: one store command, and one more when `totalCount` is asked for. */
export async function listPage<R extends Row>(
  spec: ListSpec<R>,
  args: ListArguments,
  context: SubgraphContext,
  list: string,
  scope: Condition = {},
): Promise<Page<R>> {
  const question = ask(spec, args, context, list, scope);
  return toPage(question, await findSome(spec, question), () => countAll(spec, question));
}

/**
 * A page of the rows that belong to a parent (`path` holds its id), for lists inside lists: all parents of one operation are one
 * store command, and one more when `totalCount` is asked for. Behind a cursor each parent is asked alone: a cursor fits one parent.
 */
export async function childPage<R extends Row>(
  spec: ListSpec<R>,
  args: ListArguments,
  context: SubgraphContext,
  parent: { readonly list: string; readonly path: string; readonly id: string },
): Promise<Page<R>> {
  const { list, path, id } = parent;
  const question = ask(spec, args, context, `${list}:${id}`, { [path]: id });
  const key = canonicalText([list, args.filter, args.orderBy, question.first]);
  const count = () =>
    context.loader(`${key}#count`, () => new DataLoader<string, number>((ids) => countChildren(ids))).load(id);
  const shared: Question = ask(spec, { ...args, after: null }, context, list, {});
  const countChildren = (ids: readonly string[]) => countByParent(spec, shared, path, ids);
  if (question.behind) return toPage(question, await findSome(spec, question), async () => capped(await count()));
  const rows = await context
    .loader(key, () => new DataLoader<string, R[]>((ids) => findByParent(spec, shared, path, ids)))
    .load(id);
  return toPage(question, rows, async () => capped(await count()));
}

async function findSome<R extends Row>(spec: ListSpec<R>, question: Question): Promise<R[]> {
  const condition = conjunction([question.condition, question.behind ?? {}]);
  const query = spec.model
    .find(condition as object)
    .sort(toSort(question.order))
    .limit(question.first + 1);
  return (await query.lean().exec()) as R[];
}

async function countAll<R extends Row>(spec: ListSpec<R>, { condition }: Question): Promise<number | null> {
  return capped(await spec.model.countDocuments(condition as object, { limit: MAX_COUNT + 1 }).exec());
}

async function findByParent<R extends Row>(
  spec: ListSpec<R>,
  question: Question,
  path: string,
  ids: readonly string[],
): Promise<R[][]> {
  const groups = await spec.model.aggregate<{ _id: string; rows: R[] }>([
    { $match: conjunction([question.condition, { [path]: { $in: ids } }]) },
    { $sort: toSort(question.order) },
    { $group: { _id: `$${path}`, rows: { $firstN: { n: question.first + 1, input: '$$ROOT' } } } },
  ]);
  const byParent = new Map(groups.map(({ _id, rows }) => [_id, rows]));
  return ids.map((id) => byParent.get(id) ?? []);
}

async function countByParent<R extends Row>(
  spec: ListSpec<R>,
  question: Question,
  path: string,
  ids: readonly string[],
): Promise<number[]> {
  const groups = await spec.model.aggregate<{ _id: string; rows: number }>([
    { $match: conjunction([question.condition, { [path]: { $in: ids } }]) },
    { $group: { _id: `$${path}`, rows: { $sum: 1 } } },
  ]);
  const byParent = new Map(groups.map(({ _id, rows }) => [_id, rows]));
  return ids.map((id) => byParent.get(id) ?? 0);
}

function capped(count: number): number | null {
  return count > MAX_COUNT ? null : count;
}

function toPage<R extends Row>(question: Question, found: readonly R[], totalCount: Page<R>['totalCount']): Page<R> {
  const nodes = found.slice(0, question.first);
  const cursorOf = (row: R) => encodeCursor(sortValuesOf(question.order, row), question);
  const cursorAt = (index: number) => {
    const row = nodes.at(index);
    return row ? cursorOf(row) : null;
  };
  return {
    edges: () => nodes.map((node) => ({ cursor: cursorOf(node), node })),
    nodes,
    pageInfo: {
      hasNextPage: found.length > question.first,
      hasPreviousPage: question.behind !== null,
      startCursor: () => cursorAt(0),
      endCursor: () => cursorAt(-1),
    },
    totalCount,
  };
}
