import { once } from 'node:events';
import { connect } from 'node:net';
import { WebSocket } from 'ws';

/** What a server made of an attack. */
export interface Outcome {
  /** Of HTTP; over WebSocket 200 for a result, 400 for an operation that was refused. */
  readonly status: number;
  readonly text: string;
}

/** Sends the body of a GraphQL request. */
export type Send = (body: object) => Promise<Outcome>;

/** The ways in which a GraphQL request reaches a server. */
export function attackTransports({ url, token }: { url: string; token: string }): Record<string, Send> {
  const graphql = `${url}/graphql`;
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  return {
    POST: async (body) => read(await fetch(graphql, { method: 'POST', headers, body: JSON.stringify(body) })),
    GET: async (body) => read(await fetch(`${graphql}?${toSearch(body)}`, { headers })),
    SSE: async (body) => {
      const accept = { ...headers, accept: 'text/event-stream' };
      return readStream(await fetch(graphql, { method: 'POST', headers: accept, body: JSON.stringify(body) }));
    },
    WebSocket: (body) => sendOverSocket(graphql, token, body),
  };
}

function toSearch(body: object): URLSearchParams {
  const members = Object.entries(body).map(([name, value]): [string, string] => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
  return new URLSearchParams(members);
}

async function read(response: Response): Promise<Outcome> {
  return { status: response.status, text: await response.text() };
}

/** A stream up to its first event, or to its first sign of life. */
async function readStream(response: Response): Promise<Outcome> {
  if (!response.headers.get('content-type')?.startsWith('text/event-stream')) return read(response);
  const reader = response.body?.getReader();
  const first = await reader?.read();
  await reader?.cancel();
  return { status: response.status, text: new TextDecoder().decode(first?.value) };
}

/** A socket that speaks graphql-transport-ws; the code with which it was closed once it is. */
export async function openSocket(graphql: string, authorization: string) {
  const socket = new WebSocket(graphql.replace(/^http/, 'ws'), 'graphql-transport-ws');
  const messages: string[] = [];
  socket.on('message', (data) => messages.push(String(data)));
  const closed = once(socket, 'close').then(([code]) => Number(code));
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization } }));
  return { socket, messages, closed };
}

async function sendOverSocket(graphql: string, token: string, payload: object): Promise<Outcome> {
  const { socket } = await openSocket(graphql, `Bearer ${token}`);
  await once(socket, 'message');
  socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload }));
  const answer = once(socket, 'message').then(([data]) => String(data));
  const silent = new Promise<string>((resolve) => setTimeout(resolve, 2_000, '{"type":"silence"}'));
  const text = await Promise.race([answer, silent]);
  socket.terminate();
  return { status: JSON.parse(text).type === 'error' ? 400 : 200, text };
}

/** Sends exactly these bytes on a connection of its own; what came back when it closed, or after `timeoutMs`. */
export function sendRaw(port: number, text: string, timeoutMs = 2_000): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    const timer = setTimeout(() => socket.destroy(), timeoutMs);
    socket.setEncoding('latin1').on('data', (chunk) => {
      answer += chunk;
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(answer);
    });
    socket.write(text, 'latin1');
  });
}
