import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { readCommandLine, wrongUsage } from '../app/command-line.ts';
import { runMain } from '../app/main.ts';
import { benchBus } from './bus.ts';
import { benchGateway } from './gateway.ts';
import { benchStart } from './start.ts';
import { benchStore } from './store.ts';
import { benchWebhook } from './webhook.ts';

/** What a bench answers: figures by name, with what they were measured on. */
type Bench = (options: { quick: boolean }) => Promise<Record<string, unknown>>;

const BENCHES: Readonly<Record<string, Bench>> = {
  bus: benchBus,
  gateway: benchGateway,
  start: benchStart,
  store: benchStore,
  webhook: benchWebhook,
};

/** `npm run bench -- NAME [--quick] [--save]`: runs a bench and prints one JSON object as its last line. */
await runMain(async () => {
  const takes = `<${Object.keys(BENCHES).join('|')}> [--quick] [--save]`;
  const flag = { type: 'boolean', default: false } as const;
  const options = { quick: flag, save: flag };
  const { values, words } = readCommandLine(process.argv.slice(2), { command: 'bench', takes, options, words: 1 });
  const name = words[0] ?? '';
  const bench = BENCHES[name];
  if (!bench) throw wrongUsage(`Which bench? ${Object.keys(BENCHES).join(', ')}.`, 'bench', takes);
  const result = { bench: name, ...machine(), ...(await bench({ quick: values.quick })) };
  if (values.save)
    await writeFile(new URL(`./results/${name}.json`, import.meta.url), `${JSON.stringify(result, null, 2)}\n`);
  process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
  return undefined;
});

function machine() {
  const [first, ...others] = cpus();
  return {
    date: new Date().toISOString(),
    node: process.version,
    cpus: others.length + 1,
    cpu: first?.model ?? '',
  };
}
