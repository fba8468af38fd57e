import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';

/** A file as it is served. */
export interface Asset {
  readonly body: Buffer;
  readonly type: string;
  readonly etag: string;
  /** Whether the name changes with the content, so that a browser need never ask again. */
  readonly immutable: boolean;
}

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.ttf': 'font/ttf',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
};
const HASHED_NAME = /^(chunk|worker)-[A-Z0-9]{8}\.js$|-[A-Z0-9]{8}\.\w+$/;

/** A body with its type by extension and its tag by content. */
export function toAsset(name: string, body: Buffer): Asset {
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
  return {
    body,
    etag,
    type: TYPES[extname(name)] ?? 'application/octet-stream',
    immutable: HASHED_NAME.test(name),
  };
}

/**
 * Finds files of a folder by their path inside it, with `/` between names. The folder is listed once: a path that was not
 * in the list is not looked for, so that no request can reach outside. Bodies are read on first use and kept.
 */
export function createAssetFolder(folder: string): (path: string) => Asset | null {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = new Map(
    files.map((file) => {
      const path = join(file.parentPath, file.name);
      return [relative(folder, path).split(sep).join('/'), path];
    }),
  );
  const assets = new Map<string, Asset>();
  return (name) => {
    const path = paths.get(name);
    if (path === undefined) return null;
    const asset = assets.get(name) ?? toAsset(name, readFileSync(path));
    assets.set(name, asset);
    return asset;
  };
}
