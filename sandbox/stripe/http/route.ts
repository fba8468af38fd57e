import type { z } from 'zod';
import type { Desk } from '../desk.ts';

/** One operation of the API. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Segments; `:id` takes any text. */
  readonly path: string;
  /** Checks the parameters of body or query; unknown ones are refused. */
  readonly parameters: z.ZodType;
  readonly run: (desk: Desk, parameters: never, id: string) => unknown;
}

/** Declares an operation, its parameters typed by their schema. */
export function route<Schema extends z.ZodType>(
  method: Route['method'],
  path: string,
  parameters: Schema,
  run: (desk: Desk, parameters: z.output<Schema>, id: string) => unknown,
): Route {
  return { method, path, parameters, run: run as Route['run'] };
}

/** The route of a request and the id in its path; null when there is none. */
export function matchRoute(
  routes: readonly Route[],
  method: string,
  path: string,
): { readonly route: Route; readonly id: string } | null {
  const segments = path.split('/');
  for (const candidate of routes) {
    const pattern = candidate.path.split('/');
    if (candidate.method !== method || pattern.length !== segments.length) continue;
    if (!pattern.every((part, index) => part === ':id' || part === segments[index])) continue;
    return { route: candidate, id: decodeURIComponent(segments[pattern.indexOf(':id')] ?? '') };
  }
  return null;
}
