import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { composeSupergraph } from '../gateway/index.ts';
import { AppError } from '../lib/errors.ts';
import { readCommandLine } from './command-line.ts';
import { runMain } from './main.ts';

/** `npm run compose`: supergraph.yaml → schema/. With `--check` writes nothing and fails when schema/ is out of date. */
await runMain(async () => {
  const { values } = readCommandLine(process.argv.slice(2), {
    command: 'compose',
    takes: '[--check] [--file supergraph.yaml]',
    options: { check: { type: 'boolean', default: false }, file: { type: 'string', default: 'supergraph.yaml' } },
  });
  const { supergraphSdl, apiSdl, hints } = await composeSupergraph({ file: values.file });
  for (const hint of hints) process.stdout.write(`hint: ${hint}\n`);
  const written = { 'schema/supergraph.graphql': supergraphSdl, 'schema/api.graphql': apiSdl };
  if (values.check) await compare(written);
  else await write(written);
  return undefined;
});

async function write(files: Record<string, string>): Promise<void> {
  await mkdir('schema', { recursive: true });
  for (const [path, text] of Object.entries(files)) await writeFile(path, ensureNewline(text));
  process.stdout.write(`Wrote ${Object.keys(files).join(', ')}.\n`);
}

async function compare(files: Record<string, string>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    if ((await readFile(path, 'utf8').catch(() => '')) !== ensureNewline(text)) {
      throw new AppError(
        'SUPERGRAPH_INVALID',
        `${path} is not what the subgraphs compose to. Run \`npm run compose\` and commit it.`,
      );
    }
  }
  process.stdout.write('schema/ is what the subgraphs compose to.\n');
}

function ensureNewline(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`;
}
