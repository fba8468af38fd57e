import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker, type WorkerOptions } from 'node:worker_threads';

/**
 * Starts a module of ours in a worker thread, from TypeScript source or from the build alike: a `.ts` URL is imported after
 * tsx has been registered in the worker (it inherits no loader, and `--import tsx` does nothing outside the main thread), a
 * `.js` URL needs none. Inside the build, `import.meta.url` ends in `.js`, so give `new URL('./x.ts', import.meta.url)` and
 * let this translate it.
 */
export function startWorker(module: URL, parent: string, options: WorkerOptions = {}): Worker {
  if (parent.endsWith('.js')) return new Worker(new URL(module.href.replace(/\.ts$/, '.js')), options);
  // require() finds the CommonJS twin, which cannot register in a worker; the ESM one lies beside it.
  const api = createRequire(import.meta.url)
    .resolve('tsx/esm/api')
    .replace(/\.cjs$/, '.mjs');
  const loader = JSON.stringify(pathToFileURL(api).href);
  const bootstrap = `import { register } from ${loader}; register(); await import(${JSON.stringify(module.href)});`;
  return new Worker(new URL(`data:text/javascript,${encodeURIComponent(bootstrap)}`), { ...options, execArgv: [] });
}
