import { cpSync } from 'node:fs';

/** The build carries what the code reads beside itself: schemas, saved operations, the explorer's script. */
const out = process.argv[2] ?? 'dist';
for (const folder of ['subgraphs', 'schema', 'app']) {
  cpSync(folder, `${out}/${folder}`, {
    recursive: true,
    filter: (path) => !/\.[^/]+$/.test(path) || /\.(graphql|js|json)$/.test(path),
  });
}
