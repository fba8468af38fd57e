import type { Logger } from '../../lib/logger.ts';
import type { Engine } from '../engine.ts';
import type { SubgraphTransport } from '../transport/transport.ts';
import { withEngineHooks } from './engine-hooks.ts';
import { withFetchHooks } from './fetch-hooks.ts';
import { createGuard } from './guard.ts';
import { createHookedOperations } from './hooked-operations.ts';
import type { GatewayHooks } from './hooks.ts';

/** Where hooks go: around the transport that an engine is made with, and around the engine. */
export interface HookedParts {
  readonly transport: (transport: SubgraphTransport) => SubgraphTransport;
  readonly engine: (engine: Engine) => Engine;
}

const UNHOOKED: HookedParts = { transport: (transport) => transport, engine: (engine) => engine };

/** Puts hooks around the parts of a gateway. Without any, the parts stay what they are and nothing is added to their cost. */
export function createHooks(hooks: readonly GatewayHooks[], logger: Logger): HookedParts {
  if (hooks.length === 0) return UNHOOKED;
  const shared = { hooks, operations: createHookedOperations(), guard: createGuard(logger) };
  return {
    transport: (transport) => (hooks.some(({ onFetch }) => onFetch) ? withFetchHooks(transport, shared) : transport),
    engine: (engine) => withEngineHooks(engine, shared),
  };
}
