import { once } from 'node:events';
import { spawnEntry } from '../../app/server-process.ts';
import { until } from './until.ts';

/** `npm run gateway` in a process of its own. */
export interface GatewayProcess {
  readonly url: string;
  /** What it has written so far, both streams. */
  output(): string;
  /** SIGHUP: has it look for a new supergraph. */
  hangUp(): void;
  /** SIGTERM, and waits until it is gone; its exit status. */
  stop(): Promise<number | null>;
}

/** Starts one and waits until it says where it answers. */
export async function startGateway(args: readonly string[], env: Record<string, string>): Promise<GatewayProcess> {
  const child = spawnEntry('gateway.ts', { LOG_LEVEL: 'info', ...env }, args);
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    return child.exitCode;
  };
  let url: string | undefined;
  const answers = () => {
    url = /answers at (\S+)\/graphql/.exec(text)?.[1];
    if (child.exitCode !== null) throw new Error(`The gateway ended. It said:\n${text}`);
    return url !== undefined;
  };
  await until('the gateway answers', answers, 40_000);
  return { url: url ?? '', output: () => text, hangUp: () => child.kill('SIGHUP'), stop };
}
