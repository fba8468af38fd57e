import { type Config, loadConfig } from '../lib/config.ts';
import { createLogger } from '../lib/logger.ts';
import { commandText, readCommandLine } from './command-line.ts';
import { isExplorerServed } from './explorer.ts';
import { runMain } from './main.ts';
import { type Server, startServer } from './server.ts';

/** `npm start`: everything in one process. Says what to open, then runs until it is told to stop. */
await runMain(async () => {
  readCommandLine(process.argv.slice(2), { command: 'start', takes: '', options: {} });
  const config = loadConfig();
  const server = await startServer(config, createLogger(config.LOG_LEVEL));
  process.stdout.write(welcome(server, config));
  return server;
});

function welcome({ url, sandboxes, seeded }: Server, config: Config): string {
  const settings = settingsOf(config, url);
  const lines = [
    '',
    `  Tributary is up after ${(performance.now() / 1000).toFixed(1)} s.${seeded ? ' The demo data was loaded.' : ''}`,
    '',
    ...(isExplorerServed(config) ? [`  Explore   ${url}/`] : []),
    `  GraphQL   ${url}/graphql        POST, GET, SSE and WebSocket (graphql-ws)`,
    `  Webhooks  ${url}/webhooks/stripe`,
    ...Object.entries(sandboxes).map(([vendor, at]) => `  Sandbox   ${at}        ${vendor}`),
    `  Data      ${config.DATA_DIR}`,
    '',
    ...(config.OIDC_ISSUER ? [] : [`  A token   ${settings}${commandText('token', '--role sales')}`]),
    ...storyOf(url, sandboxes['stripe']).map((story) => `  The story ${settings}${story}`),
    '',
  ];
  return `${lines.join('\n')}\n`;
}

function storyOf(url: string, sandbox: string | undefined): string[] {
  return sandbox ? [commandText('demo', `--url ${url} --sandbox ${sandbox}`)] : [];
}

/** What commands must be told of a server that is not where they expect it: its folder has the key, its address is in tokens. */
function settingsOf({ HOST, DATA_DIR, OIDC_AUDIENCE, TLS_CERT }: Config, url: string): string {
  const defaults = loadConfig({});
  const own = { HOST, PORT: portOf(new URL(url)), DATA_DIR, OIDC_AUDIENCE, TLS_CERT };
  const other = Object.entries(own).filter(([name, value]) => value !== defaults[name as keyof typeof own]);
  return other.map(([name, value]) => `${name}=${quote(String(value))} `).join('');
}

function portOf({ port, protocol }: URL): number {
  return Number(port || (protocol === 'https:' ? 443 : 80));
}

/** As a POSIX shell reads it. */
function quote(text: string): string {
  return /^[\w./:@+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
