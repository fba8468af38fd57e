import { readFile } from 'node:fs/promises';
import { type Document, LineCounter, parseDocument } from 'yaml';
import { AppError } from '../../lib/errors.ts';
import { expandVariables } from './expand-variables.ts';
import { toProblem } from './problem.ts';
import { GATEWAY_CONFIG, type GatewayConfig } from './schema.ts';

/**
 * Reads a configuration file, YAML or JSON. `${NAME}` in a text stands for that variable of `env`. AppError CONFIG_INVALID
 * names the file, the line, the path and what was expected, never the value: it may be a secret.
 */
export async function readGatewayConfig(
  file: string,
  env: Readonly<Record<string, string | undefined>> = {},
): Promise<GatewayConfig> {
  const lines = new LineCounter();
  const document = parseDocument(await readText(file), { lineCounter: lines });
  const [broken] = document.errors;
  if (broken) throw invalid(file, `is not YAML or JSON: ${broken.message.split(/ at line|\n/)[0]}`, broken);
  const given = expandVariables(document.toJS() ?? {}, env, (path, expected) =>
    invalidAt(file, path, expected, lineOf(document, lines, path)),
  );
  const config = GATEWAY_CONFIG.safeParse(given);
  if (config.success) return config.data as GatewayConfig;
  const [issue] = config.error.issues;
  if (!issue) throw invalid(file, 'is not as expected', config.error);
  const { path, expected } = toProblem(issue);
  throw invalidAt(file, path, expected, lineOf(document, lines, path));
}

async function readText(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause) => {
    throw invalid(file, 'cannot be read; expected a configuration in YAML or JSON', cause);
  });
}

/** The line of what lies at a path, or of what it would lie in. */
function lineOf(document: Document, lines: LineCounter, path: readonly PropertyKey[]): number | null {
  for (let length = path.length; length > 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true);
    const range =
      node && typeof node === 'object' && 'range' in node ? (node.range as [number] | undefined) : undefined;
    if (range) return lines.linePos(range[0]).line;
  }
  return null;
}

function invalidAt(file: string, path: readonly PropertyKey[], expected: string, line: number | null): AppError {
  const where = path.length === 0 ? 'the file' : path.map(String).join('.');
  return invalid(
    line === null ? file : `${file}:${line}`,
    `${where}${expected.startsWith('is ') ? '' : ':'} ${expected}`,
    undefined,
    where,
  );
}

function invalid(where: string, problem: string, cause?: unknown, setting?: string): AppError {
  return new AppError('CONFIG_INVALID', `${where}: ${problem}`.replace(/([^.?])$/, '$1.'), {
    ...(cause === undefined ? {} : { cause }),
    ...(setting === undefined ? {} : { extensions: { setting } }),
  });
}
