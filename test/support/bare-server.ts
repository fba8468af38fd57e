import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DeserializeOptions } from 'bson';
import { systemClock } from '../../lib/clock.ts';
import {
  createEmbeddedServer,
  type EmbeddedServer,
  type ServerOptions,
} from '../../store/embedded/serve/create-server.ts';
import { dial, type RawClient } from './raw-wire.ts';

/** The embedded server in this thread, over a folder of its own, with what it calls its own faults. */
export interface BareServer {
  readonly folder: string;
  readonly file: string;
  readonly path: string;
  /** Failures the server blames on itself: bad input must leave none. */
  readonly failures: unknown[];
  dial(options?: DeserializeOptions): Promise<RawClient>;
  /** Closes the server and opens its file again; throws what opening throws. */
  reopen(between?: () => void): Promise<void>;
  close(): Promise<void>;
}

/** Starts a server that is spoken to by raw messages. */
export async function startBareServer(options: Partial<ServerOptions> = {}): Promise<BareServer> {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-bare-'));
  const [file, path] = [join(folder, 'data.mdb'), join(folder, 's.sock')];
  const failures: unknown[] = [];
  const open = () =>
    createEmbeddedServer({
      clock: systemClock,
      ...options,
      file,
      socketPath: path,
      onFailure: (error) => failures.push(error),
    });
  let server: EmbeddedServer | null = await open();
  const stop = async () => {
    await server?.close();
    server = null;
  };
  return {
    folder,
    file,
    path,
    failures,
    dial: (decoding) => dial(path, decoding),
    reopen: async (between) => {
      await stop();
      between?.();
      server = await open();
    },
    close: async () => {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
