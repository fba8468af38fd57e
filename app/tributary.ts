#!/usr/bin/env node
import { wrongUsage } from './command-line.ts';
import { runMain } from './main.ts';

/** The commands of the installed package. Each is an entry point that reads its own arguments. */
const COMMANDS: Readonly<Record<string, () => Promise<unknown>>> = {
  start: () => import('./start.ts'),
  gateway: () => import('./gateway.ts'),
  subgraph: () => import('./subgraph.ts'),
  worker: () => import('./worker.ts'),
  store: () => import('./store.ts'),
  sandbox: () => import('./sandbox.ts'),
  seed: () => import('./seed.ts'),
  token: () => import('./token.ts'),
  demo: () => import('./demo.ts'),
};
const TAKES = `[${Object.keys(COMMANDS).join('|')}] …`;

/** The package's program: `npx tributary [COMMAND] …`, `start` when no command is named. */
await runMain(async () => {
  const [name = 'start', ...rest] = process.argv.slice(2);
  if (name === '--help') {
    process.stdout.write(
      `Usage: npx tributary ${TAKES}\nEach says with --help what it takes; docs/commands.md has them all.\n`,
    );
    return undefined;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) throw wrongUsage(`There is no command ${name}.`, '', TAKES);
  process.argv = [...process.argv.slice(0, 2), ...rest];
  await command();
  return undefined;
});
