import { readFileSync } from 'node:fs';

/**
 * `npm ci` fails on a lock file that lacks an optional package of some platform, and a registry that lags leaves them out
 * silently: every optionalDependency must have an entry. Where one is missing, pin the package to a version that is whole.
 */
const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'));
const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
  Object.keys(optionalDependencies).filter((name) => !isLocked(path, name)),
);
if (missing.length > 0) {
  process.stderr.write(`package-lock.json has no entry for: ${missing.join(', ')}\n`);
  process.exit(1);
}

/** Looks where Node would look: in the package's own folder, then in each one above. */
function isLocked(path, name) {
  for (let folder = path; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('node_modules/') - 1))) {
    if (packages[`${folder ? `${folder}/` : ''}node_modules/${name}`]) return true;
    if (folder === '') return false;
  }
}
