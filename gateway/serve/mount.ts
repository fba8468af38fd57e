import type { HttpRoute } from '../options.ts';

/** The path of a request's target, without its query, as sent: routes see what was asked. */
export function pathOf(target: string | undefined): string {
  const path = (target ?? '/').split('?', 1)[0] ?? '/';
  return path === '' ? '/' : path;
}

function covers(prefix: string, path: string): boolean {
  const base = prefix.endsWith('/') ? prefix.slice(0, -1) : prefix;
  return path === base || path.startsWith(`${base}/`);
}

/** The route of a path: by whole segments, the longest prefix first; `/` takes what no other does. */
export function findRoute(routes: readonly HttpRoute[], path: string): HttpRoute | undefined {
  return routes
    .filter(({ prefix }) => covers(prefix, path))
    .reduce<HttpRoute | undefined>(
      (best, route) => (best && best.prefix.length >= route.prefix.length ? best : route),
      undefined,
    );
}
