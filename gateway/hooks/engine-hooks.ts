import type { Identity } from '../../lib/identity.ts';
import { Answer } from '../answer.ts';
import type { Engine, GraphQLRequest, OperationContext } from '../engine.ts';
import type { Guard } from './guard.ts';
import { type HookedOperations, toHookContext } from './hooked-operations.ts';
import type { GatewayHooks, HookContext, PlanEvent } from './hooks.ts';
import { createResponseHooks, type ResponseHooks } from './response-hooks.ts';

/** Who asked, where a caller prepares an operation without saying more. */
function contextOf(identity: Identity | null): OperationContext {
  return { identity, requestId: '', signal: new AbortController().signal };
}

interface EngineHooks {
  readonly hooks: readonly GatewayHooks[];
  readonly operations: HookedOperations;
  readonly guard: Guard;
}

async function askRequest(
  given: GraphQLRequest,
  context: HookContext,
  { hooks, guard }: EngineHooks,
): Promise<GraphQLRequest> {
  let request = given;
  for (const hook of hooks) {
    if (!hook.onRequest) continue;
    const event = { request, context };
    const change = await guard(hook, 'onRequest', context.requestId, () => hook.onRequest?.(event));
    if (change) request = { ...request, ...change };
  }
  return request;
}

async function askPlan(event: PlanEvent, { hooks, guard }: EngineHooks): Promise<void> {
  for (const hook of hooks) {
    if (hook.onPlan) await guard(hook, 'onPlan', event.context.requestId, () => hook.onPlan?.(event));
  }
}

/** Preparation through the hooks of request and plan; a refusal passes those of the response. */
function createPrepare(engine: Engine, onResponse: ResponseHooks, options: EngineHooks): Engine['prepare'] {
  return async (given, identity, asked = contextOf(identity)) => {
    const context = toHookContext(asked);
    let request = given;
    try {
      request = await askRequest(given, context, options);
      const operation = await engine.prepare(request, identity, asked);
      await askPlan({ operation, context }, options);
      options.operations.add({ request, operation, context });
      return operation;
    } catch (error) {
      throw await onResponse.refusal(error, { request, context });
    }
  };
}

/** An engine whose operations pass the hooks of request, plan and response. */
export function withEngineHooks(engine: Engine, options: EngineHooks): Engine {
  const { operations } = options;
  const onResponse = createResponseHooks(options);
  return {
    get schema() {
      return engine.schema;
    },
    get supergraphSdl() {
      return engine.supergraphSdl;
    },
    sdlFor: (identity) => engine.sdlFor(identity),
    prepare: createPrepare(engine, onResponse, options),
    async execute(operation, context) {
      const hooked = operations.of(operation);
      const answer = await engine.execute(operation, operations.executionContext(hooked, context));
      return onResponse.answer(answer, hooked);
    },
    async executeEvent(operation, payload, context) {
      const hooked = operations.of(operation);
      const result = await engine.executeEvent(operation, payload, operations.executionContext(hooked, context));
      return (await onResponse.answer(Answer.ofResult(result), hooked)).result;
    },
    close: () => engine.close(),
  };
}
