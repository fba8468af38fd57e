import type {
  ExchangeFacts,
  RawResponse,
  SubgraphRequest,
  SubgraphResponse,
  SubgraphTransport,
} from '../transport/transport.ts';
import { deriveRequest } from './derived-request.ts';
import {
  applyFetchChange,
  type FetchOrigin,
  type ResponseForm,
  toAnsweredFacts,
  toFetchEvent,
} from './fetch-change.ts';
import type { Guard } from './guard.ts';
import { type HookedOperations, toHookContext } from './hooked-operations.ts';
import type { FetchChange, GatewayHooks } from './hooks.ts';

interface Listener {
  readonly hook: GatewayHooks;
  readonly onResult: NonNullable<FetchChange['onResult']>;
}

/** A fetch after the hooks saw it: who answers instead, and who wants to know how it went, the last asked first. */
interface Asked {
  readonly request: SubgraphRequest;
  readonly answer: { readonly by: string; readonly response: SubgraphResponse } | null;
  readonly listeners: readonly Listener[];
}

type Outcome<Response> = { readonly response: Response } | { readonly error: unknown };

async function settled<Response>(run: () => Promise<Response>): Promise<Outcome<Response>> {
  try {
    return { response: await run() };
  } catch (error) {
    return { error };
  }
}

/** Hooks may keep what they are shown and what they give; the executor changes what it gets. Hence copies. */
const OBJECTS: ResponseForm<SubgraphResponse> = {
  show: (response) => structuredClone(response),
  from: (response) => structuredClone(response),
};

/** Bytes are never shown: a hook that wants to see responses keeps the transport from giving them. */
const BYTES: ResponseForm<RawResponse> = {
  show: () => null,
  from: (response) => ({ status: 200, bytes: Buffer.from(JSON.stringify(response), 'utf8') }),
};

interface FetchHooks {
  readonly hooks: readonly GatewayHooks[];
  readonly operations: HookedOperations;
  readonly guard: Guard;
}

async function ask(given: SubgraphRequest, origin: FetchOrigin, { hooks, guard }: FetchHooks): Promise<Asked> {
  const listeners: Listener[] = [];
  let request = given;
  for (const hook of hooks) {
    const event = toFetchEvent(request, origin);
    const change = await guard(hook, 'onFetch', request.requestId, () => hook.onFetch?.(event));
    if (!change) continue;
    if (change.onResult) listeners.unshift({ hook, onResult: change.onResult });
    request = applyFetchChange(request, change);
    if (change.response) return { request, answer: { by: hook.name, response: change.response }, listeners };
  }
  return { request, answer: null, listeners };
}

function originOf(request: SubgraphRequest, operations: HookedOperations): FetchOrigin {
  const { requestId, identity, signal, clientHeaders: headers = {} } = request;
  const known = operations.ofFetch(request.correlation);
  return known ?? { context: toHookContext({ requestId, identity, signal, headers }), operation: null };
}

/** Tells those who listen, each of whom may put a response in place of what there is. */
async function tell<Response>(
  given: Outcome<Response>,
  { listeners, request, facts }: Pick<Asked, 'listeners' | 'request'> & { facts: ExchangeFacts | null },
  { guard, form }: { guard: Guard; form: ResponseForm<Response> },
): Promise<Outcome<Response>> {
  let outcome = given;
  for (const { hook, onResult } of listeners) {
    const response = 'response' in outcome && hook.readsData ? form.show(outcome.response) : null;
    const result = { response, error: 'error' in outcome ? outcome.error : null, facts };
    const instead = await guard(hook, 'onResult', request.requestId, () => onResult(result));
    if (instead) outcome = { response: form.from(instead) };
  }
  return outcome;
}

/** One fetch through the hooks; `send` is how it is sent after them. */
async function exchange<Response>(
  given: SubgraphRequest,
  send: (request: SubgraphRequest) => Promise<Response>,
  { form, ...options }: FetchHooks & { form: ResponseForm<Response> },
): Promise<Response> {
  const asked = await ask(given, originOf(given, options.operations), options);
  const { request, answer, listeners } = asked;
  if (!answer && listeners.length === 0) return send(request);
  let facts: ExchangeFacts | null = null;
  const onExchange = (told: ExchangeFacts) => {
    facts = told;
    request.onExchange?.(told);
  };
  if (answer) onExchange(toAnsweredFacts(request, answer.by));
  const sent = await settled(async () =>
    answer ? form.from(answer.response) : send(deriveRequest(request, { onExchange })),
  );
  const outcome = await tell(sent, { ...asked, facts }, { guard: options.guard, form });
  if ('error' in outcome) throw outcome.error;
  return outcome.response;
}

/**
 * A transport whose fetches pass the `onFetch` of hooks. It gives no bytes when one of them reads data. Closing it closes the
 * one below.
 */
export function withFetchHooks(
  transport: SubgraphTransport,
  { hooks: all, operations, guard }: FetchHooks,
): SubgraphTransport {
  const hooks = all.filter(({ onFetch }) => onFetch);
  const { sendRaw } = transport;
  const objects = { hooks, operations, guard, form: OBJECTS };
  const bytes = { hooks, operations, guard, form: BYTES };
  const isRaw = sendRaw && !hooks.some(({ readsData }) => readsData);
  return {
    send: (given) => exchange(given, (request) => transport.send(request), objects),
    ...(isRaw ? { sendRaw: (given: SubgraphRequest) => exchange(given, sendRaw, bytes) } : {}),
    close: () => transport.close(),
  };
}
