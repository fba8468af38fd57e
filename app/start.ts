#!/usr/bin/env node
import { loadConfig } from '../lib/config.ts';
import { createLogger } from '../lib/logger.ts';
import { runMain } from './main.ts';
import { type Server, startServer } from './server.ts';

/** `npm start`: everything in one process. Says what to open, then runs until it is told to stop. */
await runMain(async () => {
  const config = loadConfig();
  const server = await startServer(config, createLogger(config.LOG_LEVEL));
  process.stdout.write(welcome(server, config.DATA_DIR));
  return server;
});

function welcome({ url, sandboxes, seeded }: Server, dataDir: string): string {
  const lines = [
    '',
    `  Tributary is up after ${(performance.now() / 1000).toFixed(1)} s.${seeded ? ' The demo data was loaded.' : ''}`,
    '',
    `  Explore   ${url}/`,
    `  GraphQL   ${url}/graphql        POST, GET, SSE and WebSocket (graphql-ws)`,
    `  Webhooks  ${url}/webhooks/stripe`,
    ...Object.entries(sandboxes).map(([vendor, at]) => `  Sandbox   ${at}        ${vendor}`),
    `  Data      ${dataDir}`,
    '',
    '  A token   npm run token -- --role sales',
    ...(sandboxes['stripe'] ? [`  The story npm run demo -- --url ${url} --sandbox ${sandboxes['stripe']}`] : []),
    '',
  ];
  return `${lines.join('\n')}\n`;
}
