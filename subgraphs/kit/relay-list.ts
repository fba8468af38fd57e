import DataLoader from 'dataloader';
import { AppError } from '../../lib/errors.ts';
import { conjunction } from './condition.ts';
import { canonicalText, decodeCursor, encodeCursor, type ListIdentity } from './cursor.ts';
import { type FilterFields, toCondition } from './filter.ts';
import { behind, type OrderField, type OrderStep, sortValuesOf, toSort } from './order.ts';
import type { Condition, Row, RowModel } from './row.ts';
import type { SubgraphContext } from './service.ts';

/** Arguments of a list field, as GraphQL coerced them. */
export interface ListArguments {
  readonly first?: number | null;
  readonly after?: string | null;
  readonly filter?: Readonly<Record<string, unknown>> | null;
  readonly orderBy?: readonly { readonly field: string; readonly direction: 'ASC' | 'DESC' }[] | null;
}

/** A kind of list: what it holds and how it may be asked. */
export interface ListSpec<R extends Row> {
  readonly model: RowModel<R>;
  readonly filter: FilterFields;
  /** Enum value of `orderBy.field` → where it is stored. */
  readonly order: Readonly<Record<string, OrderField>>;
  /** Enum value and direction of an absent `orderBy`. */
  readonly defaultOrder: { readonly field: string; readonly direction: 'ASC' | 'DESC' };
}

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

/** Rows of a page: default and most. */
const DEFAULT_FIRST = 20;
const MAX_FIRST = 100;
const MAX_ORDER_STEPS = 2;
/** Lists are counted up to here; beyond it `totalCount` is null. */
const MAX_COUNT = 10_000;

/** What a list field asks, checked. */
interface Question extends ListIdentity {
  readonly first: number;
  readonly condition: Condition;
  /** The condition of standing behind the cursor; null without one. */
  readonly behind: Condition | null;
}

function ask<R extends Row>(
  spec: ListSpec<R>,
  args: ListArguments,
  context: SubgraphContext,
  list: string,
  scope: Condition,
): Question {
  const first = args.first ?? DEFAULT_FIRST;
  if (first < 1 || first > MAX_FIRST) throw new AppError('BAD_USER_INPUT', `first must be 1 to ${MAX_FIRST}.`);
  const { tenant, scopes } = context.identity;
  const order = toSteps(spec, args.orderBy);
  const identity = { tenant, list, filter: args.filter ?? null, order };
  const asked = toCondition(args.filter, spec.filter, scopes);
  return {
    ...identity,
    first,
    condition: conjunction([{ tenant, deletedAt: null }, scope, asked]),
    behind: typeof args.after === 'string' ? behind(order, decodeCursor(args.after, identity)) : null,
  };
}

function toSteps<R extends Row>(spec: ListSpec<R>, orderBy: ListArguments['orderBy']): OrderStep[] {
  const wanted = orderBy?.length ? orderBy : [spec.defaultOrder];
  if (wanted.length > MAX_ORDER_STEPS)
    throw new AppError('BAD_USER_INPUT', `orderBy may have ${MAX_ORDER_STEPS} entries.`);
  return wanted.map(({ field, direction }) => {
    const known = spec.order[field];
    if (!known) throw new AppError('BAD_USER_INPUT', `orderBy.field ${field} is not known.`);
    return { ...known, direction: direction === 'DESC' ? -1 : 1 };
  });
}

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
