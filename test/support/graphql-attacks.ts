import { existsSync, readFileSync } from 'node:fs';

const FILE = new URL('../../../shared/data/security/attacks/graphql-attacks.json', import.meta.url);

/** One attack of the pack beside the project. */
export interface Attack {
  readonly id: string;
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body?: unknown;
  readonly urlQuery: string;
  readonly why: string;
  readonly expect: {
    readonly status: readonly number[];
    readonly bodyJson?: boolean;
    readonly maxMs?: number;
    readonly maxBytes?: number;
    readonly maxErrors?: number;
    readonly notInBody?: readonly string[];
    readonly ownKeys?: readonly string[];
  };
}

/** The attacks and the schema they speak of. */
export interface AttackPack {
  readonly schema: string;
  readonly cases: readonly Attack[];
}

/** The pack; null, said loudly, where it is absent. */
export function readAttacks(): AttackPack | null {
  if (existsSync(FILE)) return JSON.parse(readFileSync(FILE, 'utf8'));
  console.warn('SKIPPED: the GraphQL attacks are not beside the project (shared/data/security/attacks).');
  return null;
}

/** Whether an attack is one GraphQL request, which every transport can carry. */
export function isDocument({ body }: Attack): boolean {
  return typeof body === 'object' && body !== null && !Array.isArray(body);
}

/** Whether it is a caller's without a token; `anonymous-subscription` is an operation without a name. */
export function isAnonymous({ id }: Attack): boolean {
  return id.endsWith('-anonymous');
}

/** Resolvers of the pack's schema. */
export const ATTACKED = {
  Query: { hello: () => 'hello', me: () => null, node: () => null },
};
