import { connect, type Socket } from 'node:net';
import { createMessageReader } from './message-reader.ts';

/** One measurement, or one exchange that is only compared. */
export interface LoadCommand {
  readonly port: number;
  readonly path: string;
  /** JSON, sent as it is. */
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly connections: number;
  /** Zero: one request, answered with its body. */
  readonly ms: number;
}

/** How it went. */
export interface LoadResult {
  readonly requests: number;
  /** From the first request to the last answer. */
  readonly seconds: number;
  /** Milliseconds, ascending. */
  readonly latencies: readonly number[];
  /** Answers whose status was not 200, or whose size was not that of the first. */
  readonly odd: number;
  /** Of the first and of the last answer. */
  readonly bodies: readonly string[];
}

process.on('message', (command: LoadCommand) => {
  void run(command).then((result) => process.send?.(result));
});
process.on('disconnect', () => process.exit(0));

/** What all connections of a measurement add up. */
interface Tally {
  readonly latencies: number[];
  readonly bodies: string[];
  readonly end: number;
  odd: number;
  size: number;
}

/** Keeps every connection busy with one request at a time until time is up, then waits for the last answers. */
async function run(command: LoadCommand): Promise<LoadResult> {
  const request = toRequest(command);
  const sockets = await Promise.all(Array.from({ length: command.connections }, () => open(command.port)));
  const start = performance.now();
  const tally: Tally = { latencies: [], bodies: [], end: start + command.ms, odd: 0, size: -1 };
  await Promise.all(sockets.map((socket) => drive(socket, request, tally)));
  // What was on its way when time was up is counted: of a slow gateway it is a good part.
  const seconds = (performance.now() - start) / 1_000;
  for (const socket of sockets) socket.removeAllListeners('close').destroy();
  const { latencies, odd, bodies } = tally;
  return { requests: latencies.length, seconds, latencies: latencies.sort((a, b) => a - b), odd, bodies };
}

function drive(socket: Socket, request: Buffer, tally: Tally): Promise<void> {
  return new Promise((resolve, reject) => {
    let sent = 0;
    const send = () => {
      sent = performance.now();
      socket.write(request);
    };
    const reader = createMessageReader((head, body) => {
      const now = performance.now();
      tally.latencies.push(now - sent);
      note(tally, head, body, now);
      if (now >= tally.end) resolve();
      else send();
    });
    socket.on('data', reader);
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('The gateway closed the connection.')));
    send();
  });
}

/** Keeps the first answer and the last, and counts those that cannot be the same. */
function note(tally: Tally, head: string, body: Buffer, now: number): void {
  if (tally.size < 0) tally.size = body.length;
  if (body.length !== tally.size || !head.startsWith('HTTP/1.1 200')) tally.odd += 1;
  if (tally.bodies.length === 0) tally.bodies[0] = body.toString('utf8');
  else if (now >= tally.end) tally.bodies[1] = body.toString('utf8');
}

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => resolve(socket));
    socket.once('error', reject);
  });
}

function toRequest({ path, body, headers, port }: LoadCommand): Buffer {
  const lines = Object.entries({
    host: `127.0.0.1:${port}`,
    'content-type': 'application/json',
    accept: 'application/json',
    ...headers,
    'content-length': String(Buffer.byteLength(body)),
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`, 'utf8');
}
