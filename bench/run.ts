import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { benchStart } from './start.ts';
import { benchWebhook } from './webhook.ts';

/** What a bench answers: figures by name, with what they were measured on. */
type Bench = (options: { quick: boolean }) => Promise<Record<string, unknown>>;

const BENCHES: Readonly<Record<string, Bench>> = { start: benchStart, webhook: benchWebhook };

/** `npm run bench -- NAME [--quick] [--save]`: runs a bench and prints one JSON object as its last line. */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean', default: false }, save: { type: 'boolean', default: false } },
});
const name = positionals[0] ?? '';
const bench = BENCHES[name];
if (!bench) {
  process.stderr.write(`Which bench? ${Object.keys(BENCHES).join(', ')}\n`);
  process.exit(2);
}
const figures = await bench({ quick: values.quick });
const result = {
  bench: name,
  date: new Date().toISOString(),
  node: process.version,
  cpus: cpus().length,
  cpu: cpus()[0]?.model ?? '',
  ...figures,
};
if (values.save)
  await writeFile(new URL(`./results/${name}.json`, import.meta.url), `${JSON.stringify(result, null, 2)}\n`);
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
