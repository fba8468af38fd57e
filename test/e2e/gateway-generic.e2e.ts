import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../lib/clock.ts';
import { generateSigningKey, toPublicKey } from '../../lib/signing-key.ts';
import { mintToken } from '../../sandbox/identity/mint-token.ts';
import { type GatewayProcess, startGateway } from '../support/gateway-process.ts';
import { composeAt, type HttpSubgraph, startHttpSubgraph } from '../support/http-subgraphs.ts';
import { withFederation } from '../support/test-subgraphs.ts';
import { until } from '../support/until.ts';

const CATALOG = `
  type Query { book(id: ID!): Book }
  type Book @key(fields: "id") { id: ID! title: String! cost: Int @tag(name: "internal") }`;
/** The same subgraph after its next release. */
const CATALOG_NEXT = CATALOG.replace('title: String!', 'title: String! pages: Int');
const RATINGS = 'type Book @key(fields: "id") { id: ID! stars: Int }';
const QUERY = '{ book(id: "1") { title stars } }';
const ANSWER = { data: { book: { title: 'Persuasion', stars: 5 } } };

let folder: string;
let catalog: HttpSubgraph;
let ratings: HttpSubgraph;
const running: GatewayProcess[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-generic-'));
  const book = { id: '1', title: 'Persuasion', pages: 249, cost: 7 };
  catalog = await startHttpSubgraph({
    name: 'catalog',
    sdl: CATALOG_NEXT,
    resolvers: { Query: { book: (_: never, { id }: { id: string }) => (id === '1' ? book : null) } },
  });
  ratings = await startHttpSubgraph({
    name: 'ratings',
    sdl: RATINGS,
    resolvers: { Book: { __resolveReference: ({ id }: { id: string }) => ({ id, stars: 5 }) } },
  });
});
afterAll(async () => {
  for (const gateway of running) await gateway.stop();
  for (const subgraph of [catalog, ratings]) await subgraph.stop();
  await rm(folder, { recursive: true, force: true });
});

const supergraphOf = (catalogSdl: string) =>
  composeAt([
    { name: 'catalog', sdl: catalogSdl, url: catalog.url },
    { name: 'ratings', sdl: RATINGS, url: ratings.url },
  ]);

async function write(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

async function start(args: readonly string[], env: Record<string, string> = {}): Promise<GatewayProcess> {
  const gateway = await startGateway([...args, '--port', '0'], { DATA_DIR: join(folder, 'data'), ...env });
  running.push(gateway);
  return gateway;
}

async function post({ url }: { url: string }, body: object, headers: Record<string, string> = {}) {
  const type = { 'content-type': 'application/json', ...headers };
  const answer = await fetch(`${url}/graphql`, { method: 'POST', headers: type, body: JSON.stringify(body) });
  // biome-ignore lint/suspicious/noExplicitAny: each test knows the answer it reads
  return { status: answer.status, body: (await answer.json()) as any };
}
const ask = async (gateway: GatewayProcess, query: string, headers?: Record<string, string>) =>
  (await post(gateway, { query }, headers)).body;
const codesOf = (answer: { errors?: { extensions: { code: string } }[] }) =>
  answer.errors?.map(({ extensions }) => extensions.code);

const PAGES = '{ book(id: "1") { pages } }';
const servesPages = (gateway: GatewayProcess) => async () => (await ask(gateway, PAGES)).data?.book.pages === 249;

describe('a gateway over a file', () => {
  let file: string;
  let gateway: GatewayProcess;
  beforeAll(async () => {
    file = await write('supergraph.graphql', supergraphOf(CATALOG));
    gateway = await start(['--supergraph', file]);
  });

  it('answers a query over both subgraphs', async () => {
    expect(await ask(gateway, QUERY)).toEqual(ANSWER);
  });

  it('refuses what the schema does not have yet', async () => {
    expect(codesOf(await ask(gateway, PAGES))).toEqual(['GRAPHQL_VALIDATION_FAILED']);
  });

  it('refuses a broken schema, says so, and serves on', async () => {
    await writeFile(file, 'type Query {');
    await until('the refusal is logged', () => gateway.output().includes('SUPERGRAPH_INVALID'));
    expect(await ask(gateway, QUERY)).toEqual(ANSWER);
    expect((await fetch(`${gateway.url}/health/ready`)).status).toBe(200);
  });

  it('follows the file as it changes', async () => {
    await writeFile(file, supergraphOf(CATALOG_NEXT));
    await until('the new field is served', servesPages(gateway));
    expect(await ask(gateway, QUERY)).toEqual(ANSWER);
  });

  it('ends on SIGTERM with status 0', async () => {
    expect(await gateway.stop()).toBe(0);
  });
});

describe('a gateway over a supergraph.yaml', () => {
  it('composes it, and again when a schema that it names changes', async () => {
    await write('ratings.graphql', withFederation(RATINGS));
    await write('catalog.graphql', withFederation(CATALOG));
    const entry = ({ name, url }: HttpSubgraph) =>
      `  ${name}:\n    routing_url: ${url}\n    schema:\n      file: ./${name}.graphql\n`;
    const file = await write('supergraph.yaml', `subgraphs:\n${entry(catalog)}${entry(ratings)}`);
    const gateway = await start(['--supergraph', file]);
    expect(await ask(gateway, QUERY)).toEqual(ANSWER);

    await write('catalog.graphql', withFederation(CATALOG.replace('type Book', 'type Book @nonsense')));
    await until('the refusal is logged', () => gateway.output().includes('SUPERGRAPH_INVALID'));
    expect(await ask(gateway, QUERY)).toEqual(ANSWER);

    await write('catalog.graphql', withFederation(CATALOG_NEXT));
    await until('the new field is served', servesPages(gateway));
  });
});

describe('a gateway over a URL', () => {
  /** A registry of one supergraph, with an ETag. */
  let registry: { url: string; publish(text: string | null): void; asked: (string | undefined)[]; close(): void };
  beforeEach(async () => {
    let current: string | null = null;
    let version = 0;
    const asked: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      asked.push(request.headers['if-none-match']);
      const etag = `"v${version}"`;
      if (current === null || request.headers['x-key'] !== 'canary') return response.writeHead(500).end();
      if (request.headers['if-none-match'] === etag) return response.writeHead(304, { etag }).end();
      return response.writeHead(200, { etag }).end(current);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    registry = {
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/supergraph`,
      asked,
      publish: (text) => {
        version += 1;
        current = text;
      },
      close: () => {
        server.close();
        server.closeAllConnections();
      },
    };
    return () => registry.close();
  });

  it('is not ready until there is a supergraph, asks by ETag, and follows', async () => {
    const config = `supergraph: { pollMs: 100, headers: { x-key: "\${REGISTRY_KEY}" } }`;
    const gateway = await start(['--supergraph', registry.url, '--config', await write('url.yaml', config)], {
      REGISTRY_KEY: 'canary',
    });
    expect((await fetch(`${gateway.url}/health/ready`)).status).toBe(503);
    expect(codesOf(await ask(gateway, QUERY))).toEqual(['SCHEMA_UNAVAILABLE']);

    registry.publish(supergraphOf(CATALOG));
    await until('it is ready', async () => (await fetch(`${gateway.url}/health/ready`)).ok);
    expect(await ask(gateway, QUERY)).toEqual(ANSWER);
    await until('it asks by ETag', () => registry.asked.at(-1) === '"v1"');

    registry.publish(supergraphOf(CATALOG_NEXT));
    await until('the new field is served', servesPages(gateway));
    expect(gateway.output()).not.toContain('canary');
  });

  it('looks at once on SIGHUP', async () => {
    registry.publish(supergraphOf(CATALOG));
    const config = 'supergraph: { pollMs: 3600000, headers: { x-key: canary } }';
    const gateway = await start(['--supergraph', registry.url, '--config', await write('hour.yaml', config)]);
    await until('it is ready', async () => (await fetch(`${gateway.url}/health/ready`)).ok);
    registry.publish(supergraphOf(CATALOG_NEXT));
    const before = registry.asked.length;
    gateway.hangUp();
    await until('the new field is served', servesPages(gateway));
    expect(registry.asked.slice(before)).toEqual(['"v1"']);
  });
});

describe('a gateway with a configuration file', () => {
  const configured = async (name: string, config: object, env?: Record<string, string>) => {
    const supergraph = await write(`${name}.graphql`, supergraphOf(CATALOG));
    const file = await write(`${name}.json`, JSON.stringify(config));
    return start(['--supergraph', supergraph, '--config', file], env);
  };

  it('times a slow subgraph out, at its fields alone', async () => {
    const gateway = await configured('slow', { subgraphs: { ratings: { timeoutMs: 200, retry: false } } });
    ratings.setDelay(2_000);
    const answer = await ask(gateway, QUERY);
    ratings.setDelay(0);
    expect(answer.data).toEqual({ book: { title: 'Persuasion', stars: null } });
    expect(answer.errors).toEqual([
      {
        message: expect.any(String),
        path: ['book', 'stars'],
        extensions: { code: 'SUBGRAPH_TIMEOUT', service: 'ratings' },
      },
    ]);
    expect(JSON.stringify(answer)).not.toContain('127.0.0.1');
  });

  it('passes on the headers it is told to, to whom it is told, and no others', async () => {
    const gateway = await configured(
      'headers',
      {
        traffic: { headers: { forward: ['accept-language'] } },
        subgraphs: { ratings: { headers: { set: { 'x-api-key': `\${RATINGS_KEY}` } } } },
      },
      { RATINGS_KEY: 'canary' },
    );
    await ask(gateway, QUERY, { 'accept-language': 'de', 'x-secret': 'mine', authorization: 'Bearer mine' });
    const [toCatalog, toRatings] = [catalog, ratings].map(({ requests }) => requests.at(-1)?.headers ?? {});
    expect(toCatalog).toMatchObject({ 'accept-language': 'de' });
    expect(toCatalog).not.toHaveProperty('x-api-key');
    expect(toRatings).toMatchObject({ 'x-api-key': 'canary' });
    for (const headers of [toCatalog, toRatings]) {
      expect(headers).not.toHaveProperty('x-secret');
      expect(headers).not.toHaveProperty('authorization');
    }
  });

  it('serves plans of its folder after a restart without planning', async () => {
    const plans = { folder: './plans' };
    const first = await configured('plans', { plans });
    expect(await ask(first, QUERY)).toEqual(ANSWER);
    await first.stop();
    // No planner answers within a millisecond: what is served comes from the folder.
    const again = await configured('plans', { plans, limits: { planMs: 1 } });
    expect(await ask(again, QUERY)).toEqual(ANSWER);
    const many = Array.from({ length: 50 }, (_, index) => `b${index}: book(id: "1") { title stars }`);
    expect(codesOf(await ask(again, `{ ${many} }`))).toEqual(['QUERY_TOO_COMPLEX']);
  });

  it('shows each audience the schema that is theirs', async () => {
    const key = generateSigningKey();
    const issuer = await startIssuer({ keys: [toPublicKey(key)] });
    const audiences = [{ name: 'partner', roles: ['partner'], exclude: ['internal'] }];
    const gateway = await configured('audiences', { audiences }, { OIDC_ISSUER: issuer.url });
    const as = async (role: 'partner' | 'sales') => ({
      authorization: `Bearer ${await mintToken({ role, key, issuer: issuer.url, audience: 'tributary', clock: systemClock })}`,
    });
    const cost = '{ book(id: "1") { cost } }';
    expect(await ask(gateway, cost, await as('sales'))).toEqual({ data: { book: { cost: 7 } } });
    expect(codesOf(await ask(gateway, cost, await as('partner')))).toEqual(['GRAPHQL_VALIDATION_FAILED']);
    const sdl = async (headers: Record<string, string>) =>
      (await fetch(`${gateway.url}/schema.graphql`, { headers })).text();
    expect(await sdl(await as('sales'))).toContain('cost: Int');
    expect(await sdl(await as('partner'))).not.toContain('cost');
    expect((await post(gateway, { query: cost })).status).toBe(401);
    issuer.close();
  });
});

describe('a gateway whose audiences nobody tells apart', () => {
  it('does not start', async () => {
    const supergraph = await write('apart.graphql', supergraphOf(CATALOG));
    const file = await write('apart.yaml', 'audiences: [{ name: partner, roles: [partner], exclude: [internal] }]');
    await expect(start(['--supergraph', supergraph, '--config', file])).rejects.toThrow('CONFIG_INVALID: Audiences');
  });
});

describe('a gateway with trusted documents alone', () => {
  it('runs them by their id, and nothing else', async () => {
    const supergraph = await write('trusted.graphql', supergraphOf(CATALOG));
    const manifest = await write('manifest.json', JSON.stringify({ 'book-1': QUERY }));
    const gateway = await start(['--supergraph', supergraph, '--trusted-documents', manifest, '--only-trusted']);
    expect((await post(gateway, { documentId: 'book-1' })).body).toEqual(ANSWER);
    expect(codesOf(await ask(gateway, QUERY))).toEqual(['DOCUMENT_UNTRUSTED']);
    expect(await post(gateway, { documentId: 'book-2' })).toMatchObject({ status: 403 });
  });
});

describe('a gateway whose subgraph is down at the start', () => {
  it('starts, answers the rest, and the whole once it is back', async () => {
    await ratings.stop();
    const gateway = await start(['--supergraph', await write('down.graphql', supergraphOf(CATALOG))]);
    const answer = await ask(gateway, QUERY);
    expect(answer.data).toEqual({ book: { title: 'Persuasion', stars: null } });
    expect(answer.errors).toMatchObject([
      { path: ['book', 'stars'], extensions: { code: 'SUBGRAPH_UNAVAILABLE', service: 'ratings' } },
    ]);
    await ratings.start();
    await until('the whole is answered', async () => (await ask(gateway, QUERY)).data.book.stars === 5);
  });
});

/** An identity provider of one key. */
async function startIssuer(keys: object) {
  const server = createServer((request, response) => {
    const discovery = { issuer: url, jwks_uri: `${url}/keys` };
    const body = request.url === '/keys' ? keys : discovery;
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
