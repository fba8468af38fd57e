import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import ts from 'typescript';

/** Folders that hold what the bench starts as processes. */
const SOURCES = ['app', 'bench', 'events', 'gateway', 'lib', 'sandbox', 'store'];
/** Beside the packages, so that imports find them; ignored by git. */
const OUT = 'node_modules/.cache/tributary-bench';

/**
 * Turns the sources into JavaScript as `npm run build` does, types unchecked, and gives the folder. Gateways are measured as
 * built: tsx names every function as it is made, which costs in hot paths.
 */
export async function buildForBench(root: string): Promise<string> {
  const out = join(root, OUT);
  for (const source of SOURCES) {
    const entries = await readdir(join(root, source), { recursive: true });
    for (const entry of entries)
      if (entry.endsWith('.ts') && !entry.includes('node_modules')) await translate(root, out, join(source, entry));
  }
  await writeFile(join(out, 'package.json'), '{"type":"module"}\n');
  return out;
}

async function translate(root: string, out: string, path: string): Promise<void> {
  const { outputText } = ts.transpileModule(await readFile(join(root, path), 'utf8'), {
    fileName: path,
    compilerOptions: {
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
      rewriteRelativeImportExtensions: true,
    },
  });
  const target = join(out, path.replace(/\.ts$/, '.js'));
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, outputText);
}
