import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestGraph } from '../../support/test-subgraphs.ts';
import { type Demo, PEOPLE, startDemo } from './demo-gateway.ts';

const FILE = new URL('../../../../shared/data/security/attacks/graphql-attacks.json', import.meta.url);
const present = existsSync(FILE);
if (!present) console.warn('SKIPPED: the GraphQL attacks are not beside the project (shared/data/security/attacks).');

interface Attack {
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

describe.skipIf(!present)('attacks over HTTP', () => {
  const pack: { schema: string; cases: readonly Attack[] } = present
    ? JSON.parse(readFileSync(FILE, 'utf8'))
    : { cases: [] };
  let demo: Demo;
  beforeAll(async () => {
    const resolvers = { Query: { hello: () => 'hello', me: () => null, node: () => null } };
    demo = await startDemo({ graph: createTestGraph([{ name: 'all', sdl: pack.schema, resolvers }]), people: PEOPLE });
    await send({ query: '{ hello }' });
  });
  afterAll(() => demo.close());

  function send(body: unknown) {
    const headers = { 'content-type': 'application/json', authorization: 'Bearer ada' };
    return fetch(demo.graphql, { method: 'POST', headers, body: JSON.stringify(body) });
  }

  function attack({ id, method, headers, body, urlQuery }: Attack) {
    // Attacks are a caller's own, except those of callers without a token; `anonymous-subscription` is one without a name.
    const token: Record<string, string> = id.endsWith('-anonymous') ? {} : { authorization: 'Bearer ada' };
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return fetch(urlQuery ? `${demo.graphql}?${urlQuery}` : demo.graphql, {
      method,
      headers: { ...headers, ...token },
      ...(method === 'GET' ? {} : { body: Buffer.from(text) }),
    });
  }

  it.each(pack.cases.map((one) => [one.id, one] as const))('%s does no harm', async (_id, one) => {
    const began = performance.now();
    const response = await attack(one);
    const text = await response.text();
    const { status, maxMs = 5_000, maxBytes = 100_000, maxErrors = 100, notInBody = [], ownKeys = [] } = one.expect;
    expect(status).toContain(response.status);
    // Twice the time of the pack: the machine may be shared.
    expect(performance.now() - began).toBeLessThan(maxMs * 2);
    expect(text.length).toBeLessThanOrEqual(maxBytes);
    for (const part of [...notInBody, 'node_modules', 'at '])
      expect(text).not.toContain(part === 'at ' ? '    at ' : part);
    const answer = JSON.parse(text);
    expect(answer.errors?.length ?? 0).toBeLessThanOrEqual(maxErrors);
    if (ownKeys.length > 0) expect(Object.keys(answer.data)).toEqual(ownKeys);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect((await send({ query: '{ hello }' })).status).toBe(200);
  });
});
