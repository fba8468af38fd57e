import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A proxy before a store that loses answers. */
export interface CuttingProxy {
  /** What a driver dials. */
  readonly uri: string;
  /** Answers lost so far. */
  readonly cuts: number;
  /** Loses the answer to the next command of each of these names, and the connection with it. */
  cut(commands: readonly string[]): void;
  close(): Promise<void>;
}

/** The name of the command in an OP_MSG: the first key of its body. */
function commandOf(bytes: Buffer): string | null {
  if (bytes.length < 27 || bytes.readInt32LE(12) !== 2013 || bytes[20] !== 0) return null;
  return bytes.toString('utf8', 26, bytes.indexOf(0, 26));
}

/** Opens a proxy to the unix socket of a store. */
export async function openCuttingProxy(socketPath: string): Promise<CuttingProxy> {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-proxy-'));
  const path = join(folder, 'p.sock');
  const names = new Set<string>();
  const sockets = new Set<Socket>();
  let cuts = 0;
  const server = createServer((client) => {
    const upstream = connect(socketPath);
    let isLost = false;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => sockets.delete(socket));
    }
    client.on('data', (bytes: Buffer) => {
      isLost = names.delete(commandOf(bytes) ?? '');
      upstream.write(bytes);
    });
    upstream.on('data', (bytes: Buffer) => {
      if (!isLost) return client.write(bytes);
      cuts += 1;
      return client.destroy();
    });
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    uri: `mongodb://${encodeURIComponent(path)}/?directConnection=true`,
    get cuts() {
      return cuts;
    },
    cut: (commands) => {
      for (const name of commands) names.add(name);
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
