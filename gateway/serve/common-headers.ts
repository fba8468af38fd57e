import type { ServerResponse } from 'node:http';

/** The headers that every answer has, whoever gives it. */
export interface CommonHeaders {
  /** Names and values in turn, for a `writeHead` that says all of them at once; Node sends those without looking them up again. */
  flat(requestId: string): string[];
  /** Sets them one by one, for whoever adds to them in its own way. */
  set(response: ServerResponse, requestId: string): void;
}

/** Of every answer the same `headers` and its request's id; `connection: close` once the server is going. */
export function createCommonHeaders(
  headers: Readonly<Record<string, string>>,
  isClosing: () => boolean,
): CommonHeaders {
  const entries = Object.entries(headers);
  const constant = entries.flat();
  return {
    flat(requestId) {
      const flat = constant.slice();
      flat.push('x-request-id', requestId);
      if (isClosing()) flat.push('connection', 'close');
      return flat;
    },
    set(response, requestId) {
      response.setHeader('x-request-id', requestId);
      for (const [name, value] of entries) response.setHeader(name, value);
      if (isClosing()) response.setHeader('connection', 'close');
    },
  };
}
