import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findBrokenOperations, listSchemaChanges, type SchemaChange } from '../gateway/index.ts';
import { AppError } from '../lib/errors.ts';

/** Client schemas by name (`api`, `partner`), as text. */
export type ClientSchemas = Readonly<Record<string, string>>;

/** What changed since the last release, by schema; null for a schema that was never released. */
async function changesSince(folder: string, schemas: ClientSchemas): Promise<Record<string, SchemaChange[] | null>> {
  const entries = Object.entries(schemas).map(async ([name, sdl]) => {
    const before = await readFile(join(folder, 'released', `${name}.graphql`), 'utf8').catch(() => null);
    return [name, before === null ? null : await listSchemaChanges(before, sdl)] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

/**
 * `folder` is where the schemas are. Refuses what would break clients: a breaking change against the released schemas, a saved operation that no longer fits.
 * AppError SCHEMA_BREAKS names each.
 */
export async function requireUnbroken(folder: string, schemas: ClientSchemas): Promise<void> {
  const changes = Object.entries(await changesSince(folder, schemas)).flatMap(([name, list]) =>
    (list ?? []).filter(({ impact }) => impact === 'breaking').map(({ message }) => `${name}: ${message}`),
  );
  const broken = await findBrokenOperations(schemas['api'] ?? '', await readOperations(folder));
  const problems = [...changes, ...broken.map(({ name, errors }) => `${name}: ${errors.join(' ')}`)];
  if (problems.length === 0) return;
  throw new AppError(
    'SCHEMA_BREAKS',
    `The schema would break its clients:\n${problems.map((problem) => `- ${problem}`).join('\n')}\nDeprecate instead, or publish the break: npm run compose -- --release VERSION.`,
  );
}

/** Publishes the schemas as a version: what changed goes on top of schema/changelog.md, and counts as released from now on. */
export async function release(
  folder: string,
  { version, schemas, date }: { version: string; schemas: ClientSchemas; date: string },
): Promise<void> {
  const changes = await changesSince(folder, schemas);
  const changelog = join(folder, 'changelog.md');
  const released = join(folder, 'released');
  const sections = Object.entries(changes).map(([name, list]) => toSection(name, list));
  const entry = `## ${version} (${date})\n\n${sections.join('\n')}`;
  const before = await readFile(changelog, 'utf8').catch(() => '# Changes of the schema\n');
  const [title = '', ...versions] = before.split(/\n(?=## )/);
  if (versions.some((text) => text.startsWith(`## ${version} `)))
    throw new AppError('BAD_USER_INPUT', `The version ${version} is published already.`);
  await writeFile(
    changelog,
    `${[title.trimEnd(), '', entry.trimEnd(), '', ...versions.map((it) => it.trimEnd())].join('\n')}\n`,
  );
  await mkdir(released, { recursive: true });
  for (const [name, sdl] of Object.entries(schemas)) await writeFile(join(released, `${name}.graphql`), sdl);
}

function toSection(name: string, changes: readonly SchemaChange[] | null): string {
  if (changes === null) return `### ${name}\n\nThe first version.\n`;
  const lines = changes.map(({ impact, message }) => `- ${impact === 'safe' ? '' : `**${impact}** `}${message}`);
  return `### ${name}\n\n${lines.length === 0 ? 'No changes.' : lines.join('\n')}\n`;
}

async function readOperations(folder: string): Promise<Record<string, string>> {
  const operations = join(folder, 'operations');
  const files = (await readdir(operations)).filter((file) => file.endsWith('.graphql'));
  const texts = files.map(async (file) => [file, await readFile(join(operations, file), 'utf8')] as const);
  return Object.fromEntries(await Promise.all(texts));
}
