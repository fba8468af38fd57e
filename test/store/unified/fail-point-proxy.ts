import { connect, createServer, type Socket } from 'node:net';
import { type Document, deserialize, serialize } from 'bson';
import { FailPoints } from './fail-points.ts';
import { statementsOf, withStatements } from './transactional-writes.ts';

/** A server in front of another, which fails commands as it is told by `configureFailPoint`. */
export interface FailPointProxy {
  /** `127.0.0.1:port`. */
  readonly address: string;
  clear(): void;
  close(): Promise<void>;
}

const OP_MSG = 2013;
const OP_QUERY = 2004;
const MORE_TO_COME = 2;
const HANDSHAKES = new Set(['hello', 'ismaster']);

/** Cuts a stream of bytes into whole messages. */
class Messages {
  #held: Buffer = Buffer.alloc(0);

  push(chunk: Buffer): Buffer[] {
    this.#held = Buffer.concat([this.#held, chunk]);
    const whole: Buffer[] = [];
    while (this.#held.length >= 16 && this.#held.length >= this.#held.readInt32LE(0)) {
      const length = this.#held.readInt32LE(0);
      whole.push(this.#held.subarray(0, length));
      this.#held = this.#held.subarray(length);
    }
    return whole;
  }
}

/** Where the body of a message starts: OP_MSG 21, OP_QUERY after the name of its collection, OP_REPLY 36. */
function bodyAt(message: Buffer): number {
  const code = message.readInt32LE(12);
  if (code === OP_MSG) return 21;
  return code === OP_QUERY ? message.indexOf(0, 20) + 9 : 36;
}

function bodyOf(message: Buffer): Document {
  const at = bodyAt(message);
  return deserialize(message.subarray(at, at + message.readInt32LE(at)), { promoteValues: false });
}

function withBody(message: Buffer, body: Document): Buffer {
  const changed = Buffer.concat([message.subarray(0, bodyAt(message)), serialize(body)]);
  changed.writeInt32LE(changed.length, 0);
  return changed;
}

function answerTo(message: Buffer, body: Document): Buffer {
  const head = Buffer.alloc(21);
  head.writeInt32LE(message.readInt32LE(4), 8);
  head.writeInt32LE(OP_MSG, 12);
  return withBody(head, body);
}

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** One client and its connection to the server behind. */
class Link {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #points: FailPoints;
  readonly #address: string;
  /** What is added to the answers of requests that are under way. */
  readonly #changes = new Map<number, (body: Document) => Document>();
  /** Requests that are done but never answered: the connection ends instead. */
  readonly #lost = new Set<number>();
  #appName: string | undefined;
  #turn: Promise<void> = Promise.resolve();

  constructor(client: Socket, server: Socket, points: FailPoints, address: string) {
    this.#client = client;
    this.#server = server;
    this.#points = points;
    this.#address = address;
    const [fromClient, fromServer] = [new Messages(), new Messages()];
    const cut = () => this.#cut();
    for (const socket of [client, server]) socket.setNoDelay(true).on('error', cut).on('close', cut);
    client.on('data', (chunk) => {
      for (const message of fromClient.push(chunk)) this.#turn = this.#turn.then(() => this.#forward(message));
    });
    server.on('data', (chunk) => {
      for (const message of fromServer.push(chunk)) {
        if (this.#lost.has(message.readInt32LE(8))) this.#cut();
        else client.write(this.#changed(message));
      }
    });
  }

  #cut(): void {
    this.#client.destroy();
    this.#server.destroy();
  }

  async #forward(message: Buffer): Promise<void> {
    const body = bodyOf(message);
    const name = Object.keys(body)[0] ?? '';
    if (name === 'configureFailPoint') {
      this.#client.write(answerTo(message, this.#points.configure(deserialize(serialize(body)))));
      return;
    }
    if (HANDSHAKES.has(name.toLowerCase())) this.#noteHandshake(message, body);
    const verdict = this.#points.judge(name, body, this.#appName);
    if (verdict?.delayMs) await wait(verdict.delayMs);
    if (verdict?.isCut) this.#cut();
    else if (verdict?.refusal) this.#refuse(message, verdict.refusal);
    else this.#pass(message, name, body, verdict?.added ?? null);
  }

  #refuse(message: Buffer, refusal: Document): void {
    const isSilent = (message.readInt32LE(16) & MORE_TO_COME) !== 0;
    if (!isSilent) this.#client.write(answerTo(message, refusal));
  }

  #pass(message: Buffer, name: string, body: Document, added: Document | null): void {
    if (added) this.#changes.set(message.readInt32LE(4), (answer) => ({ ...answer, ...added }));
    const forwarded = this.#afterWrites(message, name, body);
    if (forwarded) this.#server.write(forwarded);
    else this.#cut();
  }

  /** What of a command reaches the server, by the fail point of retryable writes; null is nothing. */
  #afterWrites(message: Buffer, name: string, body: Document): Buffer | null {
    const statements = statementsOf(message, name, body);
    const verdict = this.#points.writes.judge(name, body, statements?.length ?? 1);
    if (!verdict) return message;
    this.#lost.add(message.readInt32LE(4));
    if (verdict.isWhole) return message;
    if (!statements || verdict.statements === 0) return null;
    return withBody(message, withStatements(name, body, statements.slice(0, verdict.statements)));
  }

  #noteHandshake(message: Buffer, body: Document): void {
    this.#appName = body['client']?.application?.name ?? this.#appName;
    const members = { hosts: [this.#address], primary: this.#address, me: this.#address };
    this.#changes.set(message.readInt32LE(4), (answer) => ({ ...answer, ...members }));
  }

  #changed(message: Buffer): Buffer {
    const id = message.readInt32LE(8);
    const change = this.#changes.get(id);
    if (!change) return message;
    this.#changes.delete(id);
    return withBody(message, change(bodyOf(message)));
  }
}

/** Starts a proxy on a free port in front of the server at a socket path. */
export async function startFailPointProxy(serverPath: string): Promise<FailPointProxy> {
  const points = new FailPoints();
  const sockets = new Set<Socket>();
  let address = '';
  const server = createServer((client) => {
    const behind = connect(serverPath);
    for (const socket of [client, behind]) sockets.add(socket.on('close', () => sockets.delete(socket)));
    new Link(client, behind, points, address);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  address = `127.0.0.1:${(server.address() as { port: number }).port}`;
  return {
    address,
    clear: () => points.clear(),
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
