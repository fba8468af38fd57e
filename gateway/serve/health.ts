import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '../../lib/logger.ts';
import { toFailure } from './failure.ts';
import { methodNotAllowed } from './refusal.ts';
import { sendFailure, sendJson } from './respond.ts';

/** What readiness asks. */
export interface HealthOptions {
  readonly ready: () => Promise<boolean> | boolean;
  /** What `/health/ready` says besides; anybody may read it. @default nothing */
  readonly detail?: (() => Readonly<Record<string, unknown>>) | undefined;
  readonly isClosing: () => boolean;
  readonly logger: Logger;
}

/** A dependency that does not answer within this many milliseconds is not ready. */
const READY_TIMEOUT_MS = 2_000;

async function asksReady(ready: HealthOptions['ready']): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), READY_TIMEOUT_MS);
  });
  try {
    return await Promise.race([ready(), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** `/health/live`: the process answers. `/health/ready`: it can serve; 503 while it starts, stops or lacks something. */
export function createHealth({ ready, detail = () => ({}), isClosing, logger }: HealthOptions) {
  async function isReady(): Promise<boolean> {
    if (isClosing()) return false;
    try {
      return await asksReady(ready);
    } catch (err) {
      logger.warn({ err }, 'readiness could not be told');
      return false;
    }
  }

  return async (request: IncomingMessage, response: ServerResponse, path: string, requestId: string): Promise<void> => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return sendFailure(response, toFailure(methodNotAllowed('GET, HEAD'), logger, requestId));
    }
    if (path === '/health/live') return sendJson(response, 200, { status: 'live' });
    const isUp = await isReady();
    sendJson(response, isUp ? 200 : 503, { status: isUp ? 'ready' : 'not ready', ...detail() });
  };
}
