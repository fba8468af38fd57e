import { AppError, type GatewayHooks } from '../../../../gateway/index.ts';

/** Refuses requests that do not say which program they come from. */
export const requireClient: GatewayHooks = {
  name: 'require-client',
  onRequest({ context }) {
    if (!context.headers['x-client-name']) throw new AppError('BAD_REQUEST', 'Name your client: send x-client-name.');
  },
};
