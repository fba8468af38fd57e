import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { composeSupergraph, schemaFor } from '../gateway/index.ts';
import { AppError } from '../lib/errors.ts';
import { ROLE_SCOPES } from '../sandbox/identity/roles.ts';
import { AUDIENCES } from './audiences.ts';
import { readCommandLine, wrongUsage } from './command-line.ts';
import { runMain } from './main.ts';
import { release, requireUnbroken } from './schema-release.ts';

const TAKES = '[--check | --release VERSION] [--file supergraph.yaml]';

/**
 * `npm run compose`: supergraph.yaml → schema/, partner.graphql as a token of that role sees it. With `--check` writes nothing
 * and fails when schema/ is out of date or breaks its clients. With `--release` publishes the schemas as a version.
 */
await runMain(async () => {
  const { values } = readCommandLine(process.argv.slice(2), {
    command: 'compose',
    takes: TAKES,
    options: {
      check: { type: 'boolean', default: false },
      release: { type: 'string' },
      file: { type: 'string', default: 'supergraph.yaml' },
    },
  });
  if (values.check && values.release !== undefined)
    throw wrongUsage('--check writes nothing, --release does.', 'compose', TAKES);
  const { supergraphSdl, apiSdl, hints } = await composeSupergraph({ file: values.file });
  for (const hint of hints) process.stdout.write(`hint: ${hint}\n`);
  const schemas = { api: ensureNewline(apiSdl), partner: partnerSchema(supergraphSdl) };
  const files = {
    'schema/supergraph.graphql': ensureNewline(supergraphSdl),
    'schema/api.graphql': schemas.api,
    'schema/partner.graphql': schemas.partner,
  };
  if (values.check) await Promise.all([compare(files), requireUnbroken('schema', schemas)]);
  else await write(files);
  if (values.release !== undefined)
    await release('schema', { version: versionOf(values.release), schemas, date: today() });
  return undefined;
});

function partnerSchema(supergraphSdl: string): string {
  const identity = {
    subject: 'partner',
    tenant: 'any',
    roles: ['partner'],
    scopes: ROLE_SCOPES.partner,
    expiresAt: 0,
    tokenId: null,
  };
  return schemaFor(supergraphSdl, { audiences: AUDIENCES, identity });
}

async function write(files: Record<string, string>): Promise<void> {
  await mkdir('schema', { recursive: true });
  for (const [path, text] of Object.entries(files)) await writeFile(path, text);
  process.stdout.write(`Wrote ${Object.keys(files).join(', ')}.\n`);
}

async function compare(files: Record<string, string>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    if ((await readFile(path, 'utf8').catch(() => '')) !== text) {
      throw new AppError(
        'SUPERGRAPH_INVALID',
        `${path} is not what the subgraphs compose to. Run \`npm run compose\` and commit it.`,
      );
    }
  }
  process.stdout.write('schema/ is what the subgraphs compose to.\n');
}

function versionOf(text: string): string {
  if (/^\d+\.\d+\.\d+$/.test(text)) return text;
  throw wrongUsage('--release must be a version, for example 1.2.0.', 'compose', TAKES);
}

function today(): string {
  return new Date().toISOString().slice(0, 10);
}

function ensureNewline(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`;
}
