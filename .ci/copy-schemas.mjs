import { cpSync } from 'node:fs';

/** The build carries the schemas beside the compiled code, at the same relative paths as in the source. */
for (const folder of ['subgraphs', 'schema']) {
  cpSync(folder, `dist/${folder}`, {
    recursive: true,
    filter: (path) => !/\.[^/]+$/.test(path) || path.endsWith('.graphql'),
  });
}
