import { AppError } from '../../lib/errors.ts';
import { conjunction } from './condition.ts';
import { decodeCursor, type ListIdentity } from './cursor.ts';
import { type FilterFields, toCondition } from './filter.ts';
import { behind, type OrderField, type OrderStep } from './order.ts';
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

/** Rows of a page: default and most. */
const DEFAULT_FIRST = 20;
const MAX_FIRST = 100;
const MAX_ORDER_STEPS = 2;

/** What a list field asks, checked. */
export interface Question extends ListIdentity {
  readonly first: number;
  readonly condition: Condition;
  /** The condition of standing behind the cursor; null without one. */
  readonly behind: Condition | null;
}

/**
 * Checks what a list field asks. AppError BAD_USER_INPUT for arguments out of bounds, CURSOR_INVALID, FORBIDDEN for a filter by what
 * the caller may not read.
 */
export function ask<R extends Row>(
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
    throw new AppError('BAD_USER_INPUT', `orderBy may have at most ${MAX_ORDER_STEPS} entries.`);
  return wanted.map(({ field, direction }) => {
    const known = spec.order[field];
    if (!known) throw new AppError('BAD_USER_INPUT', `orderBy.field ${field} is not known.`);
    return { ...known, direction: direction === 'DESC' ? -1 : 1 };
  });
}
