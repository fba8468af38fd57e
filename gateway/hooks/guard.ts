import { AppError } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import { OperationRejected } from '../engine.ts';
import type { GatewayHooks } from './hooks.ts';

/** The hooks of one stage that a guard calls. */
export type Stage = 'onRequest' | 'onPlan' | 'onFetch' | 'onResult' | 'onResponse';

/** The hook's answer. Rejects with AppError or OperationRejected, nothing else. */
export type Guard = <Result>(
  hook: GatewayHooks,
  stage: Stage,
  requestId: string,
  run: () => Result | Promise<Result>,
) => Promise<Result>;

/** A guard. What is not a coded error is logged with the hook's name and masked. */
export function createGuard(logger: Logger): Guard {
  return async (hook, stage, requestId, run) => {
    try {
      return await run();
    } catch (error) {
      if (error instanceof AppError || error instanceof OperationRejected) throw error;
      logger.error({ err: error, hook: hook.name, stage, requestId }, 'A hook failed.');
      throw new AppError('INTERNAL', 'Something failed inside.', { cause: error });
    }
  };
}
