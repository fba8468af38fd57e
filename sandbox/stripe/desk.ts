import { noSuch, StripeFailure } from './failure.ts';
import type { Ledger } from './ledger.ts';
import type { NewId } from './objects/ids.ts';
import { API_VERSION, type StripeList, type StripeObject } from './objects/stripe-object.ts';

/** How a caller asks for a page. */
export interface PageQuery {
  readonly limit?: number | undefined;
  readonly starting_after?: string | undefined;
  readonly ending_before?: string | undefined;
}

/** What a page is taken from. */
export interface PageFilter<Kind = StripeObject> {
  readonly url: string;
  /** Only objects saved under this scope. */
  readonly scope?: string | undefined;
  readonly where?: (body: Kind) => boolean;
}

/** One request at work on one account: reads its own writes, which count only if all of it succeeds. */
export interface Desk {
  /** Seconds since the epoch. */
  readonly now: number;
  readonly newId: NewId;
  find<Kind extends StripeObject>(object: Kind['object'], id: string): Kind | null;
  /** Like `find`; refuses with `resource_missing`: 404 for the object of the path, 400 for one that a parameter names. */
  need<Kind extends StripeObject>(object: Kind['object'], id: string, param?: string): Kind;
  /** Saves a new object and tells of it. */
  add<Kind extends StripeObject>(body: Kind, event: string, scopes?: readonly string[]): Kind;
  /** Saves the next state of an object and tells of it, with what was there before. */
  change<Kind extends StripeObject>(before: Kind, after: Kind, ...events: readonly string[]): Kind;
  /** Removes an object and tells of it, as it was. */
  drop(body: StripeObject, event: string): void;
  page<Kind extends StripeObject>(object: Kind['object'], query: PageQuery, filter: PageFilter<Kind>): StripeList<Kind>;
}

/** What a desk is made of. */
export interface DeskOptions {
  readonly ledger: Ledger;
  readonly account: string;
  readonly now: number;
  readonly newId: NewId;
  readonly request: { readonly id: string | null; readonly idempotencyKey: string | null };
  /** Called for every event, inside the transaction. */
  readonly onEvent: (event: StripeObject) => void;
}

/** Opens a desk; use it inside `ledger.write` only. */
export function openDesk(options: DeskOptions): Desk {
  const { ledger, account, now, newId } = options;
  const find = <Kind extends StripeObject>(object: Kind['object'], id: string) =>
    ledger.get(account, object, id) as Kind | null;
  const tell = (type: string, body: StripeObject, previous?: Record<string, unknown>) => {
    const event = buildEvent(options, type, body, previous);
    ledger.put(account, event);
    options.onEvent(event);
  };
  return {
    now,
    newId,
    find,
    need: (object, id, param) => {
      const body = find(object, id);
      if (body && body['deleted'] !== true) return body as never;
      const failure = noSuch(object, id, param);
      throw param ? new StripeFailure(400, failure.message, { code: 'resource_missing', param }) : failure;
    },
    add: (body, event, scopes) => {
      ledger.put(account, body, scopes);
      tell(event, body);
      return body;
    },
    change: (before, after, ...events) => {
      ledger.put(account, after);
      const previous = difference(before, after);
      for (const event of events) tell(event, after, event.endsWith('.updated') ? previous : undefined);
      return after;
    },
    drop: (body, event) => {
      ledger.remove(account, body.object, body.id);
      tell(event, body);
    },
    page: (object, query, filter) => takePage(options, object, query, filter as PageFilter) as never,
  };
}

function buildEvent(options: DeskOptions, type: string, body: StripeObject, previous?: object): StripeObject {
  const { newId, now, request } = options;
  return {
    id: newId('evt'),
    object: 'event',
    api_version: API_VERSION,
    created: now,
    data: { object: body, ...(previous ? { previous_attributes: previous } : {}) },
    livemode: false,
    pending_webhooks: 0,
    request: { id: request.id, idempotency_key: request.idempotencyKey },
    type,
  };
}

function difference(before: StripeObject, after: StripeObject): Record<string, unknown> {
  const changed = Object.keys(after).filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
  return Object.fromEntries(changed.map((name) => [name, before[name] ?? null]));
}

function takePage(
  { ledger, account }: DeskOptions,
  object: string,
  { limit = 10, starting_after, ending_before }: PageQuery,
  { url, scope, where = () => true }: PageFilter,
): StripeList<StripeObject> {
  const range = ledger.list({
    account,
    object,
    ...(scope ? { scope } : {}),
    ...(starting_after ? { after: starting_after } : {}),
    ...(ending_before ? { before: ending_before } : {}),
  });
  if (!range) {
    const param = starting_after ? 'starting_after' : 'ending_before';
    throw new StripeFailure(400, `No such ${object}: '${starting_after ?? ending_before}'`, {
      code: 'resource_missing',
      param,
    });
  }
  const found: StripeObject[] = [];
  for (const body of range) {
    if (body['deleted'] === true || !where(body)) continue;
    if (found.push(body) > limit) break;
  }
  const data = found.slice(0, limit);
  return { object: 'list', url, has_more: found.length > limit, data: ending_before ? data.reverse() : data };
}
