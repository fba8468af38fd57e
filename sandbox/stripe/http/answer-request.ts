import { type Desk, type DeskOptions, openDesk } from '../desk.ts';
import { StripeFailure } from '../failure.ts';
import type { Ledger } from '../ledger.ts';
import type { NewId } from '../objects/ids.ts';
import type { StripeObject } from '../objects/stripe-object.ts';
import { routes } from '../resources/index.ts';
import { expand } from './expand.ts';
import { decodeForm } from './form.ts';
import { type Answer, fingerprintOf, openIdempotency } from './idempotency.ts';
import { readParameters } from './parameters.ts';
import { matchRoute, type Route } from './route.ts';

/** An authenticated request. */
export interface ApiRequest {
  readonly id: string;
  readonly account: string;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly body: string;
  readonly idempotencyKey: string | null;
}

/** What answers requests. */
export interface ApiOptions {
  readonly ledger: Ledger;
  readonly newId: NewId;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly onEvent: (account: string, event: StripeObject) => void;
}

/** An answer, and whether it is a repetition of an earlier one. */
export interface ApiAnswer extends Answer {
  readonly replayed: boolean;
}

/** Answers one request, in one transaction: its changes, its events and the memory of its key count together or not at all. */
export function answerRequest(options: ApiOptions, request: ApiRequest): ApiAnswer {
  try {
    const matched = matchRoute(routes, request.method, request.path);
    if (!matched) throw new StripeFailure(404, `Unrecognized request URL (${request.method}: ${request.path}).`);
    const parameters = readParameters(
      matched.route.parameters,
      decodeForm(request.method === 'GET' ? request.query : request.body),
    );
    return options.ledger.write(() => answerOnce(options, request, matched, parameters));
  } catch (error) {
    if (error instanceof StripeFailure) return { status: error.status, body: error.toBody(), replayed: false };
    throw error;
  }
}

function answerOnce(
  { ledger, newId, now, onEvent }: ApiOptions,
  request: ApiRequest,
  { route, id }: { readonly route: Route; readonly id: string },
  parameters: unknown,
): ApiAnswer {
  const { account, method, path, body, idempotencyKey } = request;
  const idempotency = openIdempotency(ledger, account, now());
  const fingerprint = fingerprintOf(method, path, body);
  const key = method === 'POST' ? idempotencyKey : null;
  const known = key === null ? null : idempotency.recall(key, fingerprint);
  if (known) return { status: known.status, body: known.body, replayed: true };
  const deskOptions: DeskOptions = {
    ledger,
    account,
    newId,
    now: Math.floor(now() / 1_000),
    request: { id: request.id, idempotencyKey },
    onEvent: (event) => onEvent(account, event),
  };
  const answer = toAnswer(openDesk(deskOptions), route, parameters, id);
  if (key !== null) idempotency.keep(key, fingerprint, answer);
  return { ...answer, replayed: false };
}

/** A failure that a route returns, rather than throws, keeps its changes: a declined charge is a fact. */
function toAnswer(desk: Desk, route: Route, parameters: unknown, id: string): Answer {
  const result = route.run(desk, parameters as never, id);
  if (result instanceof StripeFailure) return { status: result.status, body: result.toBody() };
  const paths = (parameters as { expand?: string[] }).expand ?? [];
  return { status: 200, body: expand(result, paths, (object, wanted) => desk.find(object, wanted)) };
}
