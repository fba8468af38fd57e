import type { Socket } from 'node:net';
import type { Reply } from '../commands/command-run.ts';
import { hello } from '../commands/handshake.ts';
import { MongoError } from '../mongo-error.ts';
import { MessageReader } from '../wire/message-reader.ts';
import { type Incoming, OP, readMessage, WireError } from '../wire/messages.ts';
import { toOpMsg, toOpReply } from '../wire/replies.ts';
import { execute, type Shared, withTimes } from './execute.ts';

/** What a connection is served with. */
export interface ConnectionOptions {
  readonly shared: Shared;
  /** What the client dialled: the name of the one member. */
  readonly address: string;
  readonly id: number;
}

const HANDSHAKES = new Set(['hello', 'ismaster']);

function answer({ shared, address, id }: ConnectionOptions, request: Incoming['request']): Promise<Reply> {
  const name = request.name.toLowerCase();
  if (request instanceof MongoError || !HANDSHAKES.has(name)) return execute(shared, request);
  const { document } = hello(address, id, name === 'ismaster');
  return Promise.resolve({ document: withTimes(shared.engine, { ...document, ok: 1 }) });
}

async function serve(socket: Socket, options: ConnectionOptions, incoming: Incoming): Promise<void> {
  const reply = await answer(options, incoming.request);
  if (incoming.isSilent || socket.destroyed) return;
  socket.write((incoming.opCode === OP.query ? toOpReply : toOpMsg)(reply, incoming.requestId));
}

/**
 * Serves one client until it hangs up, one message after the other: between what a command reads and what it commits comes
 * no other of its connection. A message that cannot be read ends the connection, never the process.
 */
export function serveConnection(socket: Socket, options: ConnectionOptions): void {
  const reader = new MessageReader();
  const waiting: Buffer[] = [];
  let isServing = false;
  const fail = (error: unknown) => {
    if (!(error instanceof WireError)) options.shared.onFailure(error, 'connection');
    waiting.length = 0;
    socket.destroy();
  };
  const work = async () => {
    isServing = true;
    for (let bytes = waiting.shift(); bytes; bytes = waiting.shift()) {
      if (waiting.length > 0) socket.pause();
      await serve(socket, options, readMessage(bytes));
    }
    isServing = false;
    socket.resume();
  };
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: Buffer) => {
    try {
      waiting.push(...reader.push(chunk));
      if (!isServing) work().catch(fail);
    } catch (error) {
      fail(error);
    }
  });
}
