import { AppError } from '../../lib/errors.ts';
import type { GraphQLRequest, OperationContext, PreparedOperation } from '../engine.ts';
import type { HookContext } from './hooks.ts';

/** An operation on its way through the hooks. */
export interface HookedOperation {
  readonly request: GraphQLRequest;
  readonly operation: PreparedOperation;
  readonly context: HookContext;
}

/** What ties preparation, fetches and answer of one operation together. Forgotten with the operation. */
export interface HookedOperations {
  /** Remembers a prepared operation. */
  add(hooked: HookedOperation): void;
  /** AppError INTERNAL for an operation that another gateway prepared. */
  of(operation: PreparedOperation): HookedOperation;
  /** The context to execute in, so that fetches find their operation. */
  executionContext(hooked: HookedOperation, context: OperationContext): OperationContext;
  ofFetch(correlation: object | undefined): HookedOperation | undefined;
}

const HOOKED = Symbol('hooked');

interface Stamped {
  [HOOKED]?: HookedOperation;
}

/**
 * Notes on the operation and on the execution themselves what belongs to them: short-lived keys of a WeakMap would cost the
 * garbage collector more than everything else here.
 */
export function createHookedOperations(): HookedOperations {
  return {
    add(hooked) {
      (hooked.operation as Stamped)[HOOKED] = hooked;
    },
    of(operation) {
      const hooked = (operation as Stamped)[HOOKED];
      if (!hooked) throw new AppError('INTERNAL', 'The operation was not prepared by this gateway.');
      return hooked;
    },
    executionContext(hooked, context) {
      const correlation: Stamped = context.correlation ?? {};
      correlation[HOOKED] = hooked;
      return context.correlation ? context : { ...context, correlation };
    },
    ofFetch: (correlation: Stamped | undefined) => correlation?.[HOOKED],
  };
}

/** The context of hooks for an operation that begins. */
export function toHookContext(context: Omit<OperationContext, 'onExchange' | 'correlation'>): HookContext {
  const { requestId, identity, headers = {}, signal } = context;
  return { requestId, identity, headers, signal, state: new Map() };
}
