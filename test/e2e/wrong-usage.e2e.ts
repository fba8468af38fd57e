import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { spawnEntry } from '../../app/server-process.ts';

let dataDir: string;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'tributary-usage-'));
});
afterAll(() => rm(dataDir, { recursive: true, force: true }));

/** Runs an entry point until it ends; one that begins to serve instead is killed. */
async function run(entry: string, args: string[]) {
  const child = spawnEntry(entry, { DATA_DIR: dataDir, PORT: '0', SANDBOX_PORT: '0' }, args);
  const said = { out: '', text: '' };
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (said.out += chunk));
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (said.text += chunk));
  const timer = setTimeout(() => child.kill('SIGKILL'), 30_000);
  const [status] = await once(child, 'close');
  clearTimeout(timer);
  return { status, ...said };
}

describe('a command', () => {
  it.each([
    ['start.ts', ['--port', '5000'], "Unknown option '--port'"],
    ['start.ts', ['now'], 'The argument now is one too many'],
    ['gateway.ts', ['--bogus'], "Unknown option '--bogus'"],
    ['gateway.ts', ['--supergraph'], "Option '--supergraph <value>' argument missing"],
    ['subgraph.ts', [], 'Which subgraph? crm, stripe, node'],
    ['subgraph.ts', ['zendesk'], 'Which subgraph? crm, stripe, node'],
    ['subgraph.ts', ['crm', '--bogus'], "Unknown option '--bogus'"],
    ['worker.ts', [], 'Which worker? sync'],
    ['worker.ts', ['sync', '--bogus'], "Unknown option '--bogus'"],
    ['token.ts', ['--role', 'boss'], '--role must be one of'],
    ['demo.ts', ['--bogus'], "Unknown option '--bogus'"],
    ['demo.ts', ['--url', 'nowhere'], '--url must be a URL'],
    ['demo.ts', ['--sandbox', 'http://127.0.0.1:1'], '--sandbox goes with --url'],
    ['demo.ts', ['--apart', '--url', 'http://127.0.0.1:1'], '--apart starts its own processes'],
    ['store.ts', ['--bogus'], "Unknown option '--bogus'"],
    ['seed.ts', ['now'], 'The argument now is one too many'],
    ['sandbox.ts', ['--webhooks', 'here'], '--webhooks must be a URL'],
    ['worker.ts', ['webhooks', '--port', 'x'], '--port must be a port from 0 to 65535'],
    ['gateway.ts', ['--port', '65536'], '--port must be a port from 0 to 65535'],
    ['subgraph.ts', ['crm', '--port', 'x'], '--port must be a port from 0 to 65535'],
    ['compose.ts', ['--bogus'], "Unknown option '--bogus'"],
    ['../bench/run.ts', ['nothing'], 'Which bench? bus, '],
    ['../bench/run.ts', ['start', '--bogus'], "Unknown option '--bogus'"],
    ['tributary.ts', ['begin'], 'There is no command begin'],
  ])('%s refuses %j with status 2, a code and its usage, and no stack', async (entry, args, why) => {
    const { status, out, text } = await run(entry, args);
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(text).toMatch(/^BAD_USER_INPUT: .+\.\nUsage: (npm run|npx tributary) [^\n]*\n$/);
    expect(text).toContain(why);
  });

  it.each(['start.ts', 'demo.ts', 'tributary.ts'])('%s says with --help how it is called', async (entry) => {
    expect(await run(entry, ['--help'])).toMatchObject({
      status: 0,
      out: expect.stringMatching(/^Usage: /),
      text: '',
    });
  });
});

describe('npm run demo -- --url', () => {
  it('says so when no server answers there', async () => {
    const { status, text } = await run('demo.ts', ['--url', 'http://127.0.0.1:1']);
    expect([status, text]).toEqual([
      1,
      'SUBGRAPH_UNAVAILABLE: No server answers at http://127.0.0.1:1. Start one with `npm start`.\n',
    ]);
  });
});
