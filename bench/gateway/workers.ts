import { type ChildProcess, fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { LoadCommand, LoadResult } from './load-process.ts';
import type { SubgraphsMessage } from './subgraphs-process.ts';

/** The processes beside the gateway: what plays the subgraphs, and what plays the clients. */
export interface Workers {
  /** Where the subgraphs are: `http://…/` plus data set plus subgraph. */
  readonly subgraphsUrl: string;
  load(command: LoadCommand): Promise<LoadResult>;
  /** Requests the subgraphs have had. */
  countFetches(): Promise<number>;
  close(): void;
}

/** Starts them on core 1, and puts this process there too. */
export async function startWorkers(options: {
  out: string;
  publicFile: string | null;
  pin: boolean;
}): Promise<Workers> {
  const { out, publicFile, pin } = options;
  const start = (name: string, args: readonly string[]) => {
    const child = fork(join(out, 'bench/gateway', name), args, { serialization: 'advanced', execArgv: [] });
    if (pin) spawnSync('taskset', ['-acp', '1', String(child.pid)]);
    return child;
  };
  if (pin) spawnSync('taskset', ['-acp', '1', String(process.pid)]);
  const subgraphs = start('subgraphs-process.js', publicFile ? [publicFile] : []);
  const clients = start('load-process.js', []);
  const first = await reply<SubgraphsMessage>(subgraphs);
  if (!('port' in first)) throw new Error('The subgraphs did not say where they listen.');
  return {
    subgraphsUrl: `http://127.0.0.1:${first.port}`,
    load: (command) => ask<LoadResult>(clients, command),
    async countFetches() {
      const message = await ask<SubgraphsMessage>(subgraphs, { command: 'count' });
      return 'requests' in message ? message.requests : Number.NaN;
    },
    close() {
      for (const child of [subgraphs, clients]) child.kill();
    },
  };
}

async function ask<T>(child: ChildProcess, message: object): Promise<T> {
  const answer = reply<T>(child);
  child.send(message);
  return answer;
}

async function reply<T>(child: ChildProcess): Promise<T> {
  const end = new AbortController();
  const { signal } = end;
  const died = once(child, 'exit', { signal }).then(([code]) => {
    throw new Error(`A process of the bench ended with code ${code}.`);
  });
  try {
    const [message] = (await Promise.race([once(child, 'message', { signal }), died])) as [T];
    return message;
  } finally {
    died.catch(() => undefined);
    end.abort();
  }
}
