import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { AppError } from '../../lib/errors.ts';

/** A subgraph as composition takes it. */
export interface SubgraphSource {
  readonly name: string;
  readonly url: string;
  readonly sdl: string;
}

/** The part of rover's `supergraph.yaml` that is read from files. */
const CONFIG = z.strictObject({
  federation_version: z.union([z.string().regex(/^=?2(\.\d+){0,2}$/), z.literal(2)], 'must be 2 or =2.x.y').optional(),
  subgraphs: z
    .record(
      z.string().regex(/^[A-Za-z][\w-]*$/, 'must be a name of letters, digits, hyphens and underscores'),
      z.strictObject({
        routing_url: z.url('must be a URL'),
        schema: z.strictObject(
          { file: z.string('must be the path of a schema file').min(1) },
          'must be { file: PATH }',
        ),
      }),
      'must name at least one subgraph',
    )
    .refine((subgraphs) => Object.keys(subgraphs).length > 0, 'must name at least one subgraph'),
});

/**
 * Reads a rover-form `supergraph.yaml` and the schema files it names, relative to itself.
 * AppError SUPERGRAPH_INVALID names the file, the subgraph and what was expected.
 * Form: apollographql.com/docs/rover/commands/supergraphs
 */
export async function readSupergraphConfig(file: string): Promise<SubgraphSource[]> {
  const { subgraphs } = await readConfig(file);
  return Promise.all(
    Object.entries(subgraphs).map(async ([name, { routing_url, schema }]) => {
      const path = resolve(dirname(file), schema.file);
      const sdl = await readText(path, `the schema of subgraph ${name}`, `${file}: subgraph ${name}: ${schema.file}`);
      return { name, url: routing_url, sdl };
    }),
  );
}

/** The files that a `supergraph.yaml` is made of: itself and the schema files it names. Errors as `readSupergraphConfig`. */
export async function listSupergraphFiles(file: string): Promise<string[]> {
  const { subgraphs } = await readConfig(file);
  return [file, ...Object.values(subgraphs).map(({ schema }) => resolve(dirname(file), schema.file))];
}

async function readConfig(file: string): Promise<z.infer<typeof CONFIG>> {
  const config = CONFIG.safeParse(toYaml(await readText(file, 'the supergraph configuration'), file));
  if (config.success) return config.data;
  const [issue] = config.error.issues;
  const where = issue && issue.path.length > 0 ? issue.path.join('.') : 'the file';
  throw invalid(file, `${where} ${issue?.message ?? 'is not as expected'}.`);
}

async function readText(path: string, what: string, shown: string = path): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new AppError('SUPERGRAPH_INVALID', `${shown} cannot be read; expected ${what}.`, { cause });
  }
}

function toYaml(text: string, file: string): unknown {
  try {
    return parseYaml(text);
  } catch (cause) {
    const [reason] = cause instanceof Error ? cause.message.split('\n') : [];
    throw invalid(file, `is not YAML: ${reason ?? 'it cannot be read'}`, cause);
  }
}

function invalid(file: string, problem: string, cause?: unknown): AppError {
  return new AppError('SUPERGRAPH_INVALID', `${file}: ${problem}`, { cause });
}
