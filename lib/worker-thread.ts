import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker, type WorkerOptions } from 'node:worker_threads';

/**
 * Starts a module of ours in a worker thread, from TypeScript source or from the build alike:
 * a `.ts` URL gets tsx as its loader (a worker does not inherit it under Vitest), a `.js` URL needs none.
 * Inside the build, `import.meta.url` ends in `.js`, so give `new URL('./x.ts', import.meta.url)` and let this translate it.
 */
export function startWorker(module: URL, parent: string, options: WorkerOptions = {}): Worker {
  if (parent.endsWith('.js')) return new Worker(new URL(module.href.replace(/\.ts$/, '.js')), options);
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  return new Worker(module, { ...options, execArgv: ['--import', loader] });
}
