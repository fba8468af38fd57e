import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GatewayProcess, startGateway } from '../support/gateway-process.ts';
import { until } from '../support/until.ts';

const page = await readFile('docs/gateway.md', 'utf8');
/** The operations that the guide has its reader send. */
const queries = [...page.matchAll(/-d '(\{"query":.+\})'/g)].map(([, body = '']) => body);

let gateway: GatewayProcess;
let subgraphs: ReturnType<typeof spawn>;
beforeAll(async () => {
  subgraphs = spawn(process.execPath, ['examples/library/subgraphs.mjs', '0', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  subgraphs.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    said += chunk;
  });
  await until('the subgraphs answer', () => /^ratings answers/m.test(said), 40_000);
  const urls = [...said.matchAll(/^(\w+) answers at (\S+)$/gm)].map(([, name, url]) => `${name}=${url}`).join();
  const folder = 'examples/library';
  const args = ['--supergraph', `${folder}/supergraph.yaml`, '--config', `${folder}/gateway.yaml`, '--port', '0'];
  gateway = await startGateway(args, { SUBGRAPH_URLS: urls });
});
afterAll(async () => {
  await gateway?.stop();
  subgraphs.kill('SIGTERM');
  if (subgraphs.exitCode === null && subgraphs.signalCode === null) await once(subgraphs, 'exit');
});

async function post(body: string, headers: Record<string, string> = {}) {
  const type = { 'content-type': 'application/json', ...headers };
  const answer = await fetch(`${gateway.url}/graphql`, { method: 'POST', headers: type, body });
  // biome-ignore lint/suspicious/noExplicitAny: each test knows the answer it reads
  return (await answer.json()) as any;
}

describe("docs/gateway.md's guide", () => {
  it('has a query over both subgraphs that is answered as it says', async () => {
    const answer = await post(queries[0] ?? '');
    expect(page).toContain(JSON.stringify(answer));
  });

  it('shows the plan of that query', async () => {
    const { extensions } = await post(queries[0] ?? '', { 'x-tributary-explain': '1' });
    expect(extensions.explain.fetches.map(({ subgraph }: { subgraph: string }) => subgraph)).toEqual([
      'books',
      'ratings',
    ]);
  });

  it('has metrics at /metrics', async () => {
    expect(await (await fetch(`${gateway.url}/metrics`)).text()).toMatch(/^tributary_fetches_total\{.*"ratings"/m);
  });

  it('gives those who ask for parts the part that comes later', async () => {
    const answer = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'multipart/mixed;deferSpec=20220824' },
      body: queries[1] ?? '',
    });
    expect(answer.headers.get('content-type')).toContain('multipart/mixed');
    expect((await answer.text()).match(/"hasNext":(true|false)/g)).toEqual(['"hasNext":true', '"hasNext":false']);
  });
});
