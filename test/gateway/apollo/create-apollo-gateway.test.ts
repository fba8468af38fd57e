import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { IntrospectAndCompose, LocalGraphQLDataSource, RemoteGraphQLDataSource } from '@apollo/gateway';
import { ApolloServer } from '@apollo/server';
import { GraphQLError, parse } from 'graphql';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createApolloGateway } from '../../../gateway/apollo/create-apollo-gateway.ts';
import type { ApolloGatewayOptions } from '../../../gateway/apollo/options.ts';
import { createInProcessPlanner } from '../../support/federation-planner.ts';
import { withFederation } from '../../support/test-subgraphs.ts';
import { until } from '../../support/until.ts';
import { graphOfVersion } from '../live/versions.ts';
import { serveGraph } from './serve-graph.ts';

const [graph, next] = [graphOfVersion(1), graphOfVersion(2)];
let served: Awaited<ReturnType<typeof serveGraph>>;
let servedNext: Awaited<ReturnType<typeof serveGraph>>;
beforeAll(async () => {
  [served, servedNext] = await Promise.all([serveGraph(graph), serveGraph(next)]);
});
afterAll(() => {
  served.close();
  servedNext.close();
});
const servers: ApolloServer<Context>[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

interface Context {
  user?: string;
}

async function start(options: ApolloGatewayOptions) {
  const gateway = createApolloGateway(options, { planner: createInProcessPlanner });
  const server = new ApolloServer<Context>({ gateway, logger: quiet });
  await server.start();
  servers.push(server);
  const ask = async (query: string, contextValue: Context = {}, variables = {}) => {
    const { body, http } = await server.executeOperation({ query, variables }, { contextValue });
    if (body.kind !== 'single') throw new Error('one result was expected');
    return { ...body.singleResult, status: http.status };
  };
  return { gateway, server, ask };
}
const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const THING = '{ version thing(id: "t1") { name price } }';
const answer = (version: number) => ({ version, thing: { name: 'thing t1', price: 100 + version } });

describe('a drop-in for ApolloGateway', () => {
  it('answers from a static supergraph, over HTTP without any data source', async () => {
    const { ask, gateway } = await start({ supergraphSdl: served.supergraphSdl });
    expect((await ask(THING)).data).toEqual(answer(1));
    expect(Object.keys(gateway.schema?.getQueryType()?.getFields() ?? {})).toContain('only1');
    expect(gateway.schema?.getDirective('defer')).toBeUndefined();
    expect(await gateway.serviceHealthCheck()).toMatchObject([{ response: { data: { __typename: 'Query' } } }, {}]);
  });

  it('sends by data sources of buildService, whose hooks run with the context of Apollo Server', async () => {
    const responses: unknown[] = [];
    class Source extends RemoteGraphQLDataSource<Context> {
      override willSendRequest({
        request,
        context,
      }: {
        request: { http?: { headers: { set(name: string, value: string): void } } };
        context: Context;
      }) {
        request.http?.headers.set('x-user', context.user ?? 'none');
      }
      override didReceiveResponse({
        response,
      }: Parameters<NonNullable<RemoteGraphQLDataSource['didReceiveResponse']>>[0]) {
        responses.push(response.data);
        return response;
      }
    }
    const built: string[] = [];
    const { ask } = await start({
      supergraphSdl: served.supergraphSdl,
      buildService({ name, url }) {
        built.push(name);
        return new Source({ url: url ?? '' });
      },
    });
    served.received.length = 0;
    expect((await ask(THING, { user: 'ann' })).data).toEqual(answer(1));
    expect(served.received.map(({ subgraph, headers }) => [subgraph, headers['x-user']])).toEqual([
      ['things', 'ann'],
      ['prices', 'ann'],
    ]);
    expect(responses).toHaveLength(2);
    expect(built.sort()).toEqual(['prices', 'things']);
  });

  it('keeps an error of a data source for the client, without the address of the subgraph', async () => {
    const { ask } = await start({
      supergraphSdl: served.supergraphSdl,
      buildService: ({ name, url }) =>
        name === 'things'
          ? new RemoteGraphQLDataSource({ url: url ?? '' })
          : {
              process: async () => {
                throw new GraphQLError('Not for you', {
                  extensions: { code: 'FORBIDDEN', response: { url: 'http://internal' } },
                });
              },
            },
    });
    const { errors } = await ask('{ thing(id: "t1") { name price } }');
    expect(errors).toMatchObject([
      { message: 'Not for you', path: ['thing', 'price'], extensions: { code: 'FORBIDDEN' } },
    ]);
    expect(JSON.stringify(errors)).not.toContain('internal');
  });

  it('tells of a data source that fails as SUBGRAPH_UNAVAILABLE, its words masked', async () => {
    const { ask } = await start({
      supergraphSdl: served.supergraphSdl,
      buildService: () => ({ process: () => Promise.reject(new Error('connect ECONNREFUSED 10.0.0.1')) }),
    });
    const { errors } = await ask('{ version }');
    expect(errors).toMatchObject([{ extensions: { code: 'SUBGRAPH_UNAVAILABLE' } }]);
    expect(JSON.stringify(errors)).not.toContain('10.0.0.1');
  });

  it('answers a variable that does not fit with 400', async () => {
    const { ask } = await start({ supergraphSdl: served.supergraphSdl });
    const wrong = await ask('query($id: ID!) { thing(id: $id) { name } }', {}, { id: { a: 1 } });
    expect([wrong.status, wrong.errors?.[0]?.extensions?.['code']]).toEqual([400, 'BAD_USER_INPUT']);
  });

  it('takes a manager: update, healthCheck, getDataSource and cleanup work as before', async () => {
    let update: (supergraphSdl: string) => void = () => {};
    const seen: unknown[] = [];
    let cleaned = 0;
    const updates: (readonly [string, string | undefined])[] = [];
    const { ask, server } = await start({
      supergraphSdl: {
        async initialize(hooks) {
          update = hooks.update;
          await hooks.healthCheck(served.supergraphSdl);
          const source = hooks.getDataSource({ name: 'things', url: served.urls['things'] ?? '' });
          seen.push(
            await source.process({
              kind: 'loading schema',
              request: { query: '{ __typename }' },
              context: {},
            } as never),
          );
          return {
            supergraphSdl: served.supergraphSdl,
            cleanup: async () => {
              cleaned += 1;
            },
          };
        },
      },
      experimental_didUpdateSupergraph: (current, previous) =>
        updates.push([
          (current as { compositionId: string }).compositionId,
          (previous as { compositionId: string } | undefined)?.compositionId,
        ]),
    });
    expect(seen).toMatchObject([{ data: { __typename: 'Query' } }]);
    expect(() => update('type {')).toThrow(expect.objectContaining({ code: 'SUPERGRAPH_INVALID' }));
    expect((await ask('{ only1 }')).data).toEqual({ only1: 1 });
    update(servedNext.supergraphSdl);
    await until('the new schema serves', async () => (await ask('{ only2 }')).data?.['only2'] === 2);
    expect((await ask(THING)).data).toEqual(answer(2));
    expect((await ask('{ only1 }')).errors?.[0]?.extensions?.['code']).toBe('GRAPHQL_VALIDATION_FAILED');
    expect(updates).toEqual([
      [updates[0]?.[0], undefined],
      [updates[1]?.[0], updates[0]?.[0]],
    ]);
    await server.stop();
    servers.length = 0;
    expect(cleaned).toBe(1);
    expect(() => update(served.supergraphSdl)).toThrow(expect.objectContaining({ code: 'SHUTTING_DOWN' }));
  });

  it('takes a function, IntrospectAndCompose, serviceList and localServiceList', async () => {
    const list = Object.entries(served.urls).map(([name, url]) => ({ name, url }));
    const sdlOf = (name: string) => parse(withFederation(SDL[name] ?? ''));
    const local = list.map(({ name, url }) => ({ name, url, typeDefs: sdlOf(name) }));
    const asked = [
      { supergraphSdl: async () => ({ supergraphSdl: served.supergraphSdl }) },
      { supergraphSdl: new IntrospectAndCompose({ subgraphs: list }) },
      { serviceList: list, introspectionHeaders: { 'x-key': 'k1' }, serviceHealthCheck: true, logger: quiet },
      {
        localServiceList: local,
        buildService: ({ name }: { name: string }) => new LocalGraphQLDataSource(graph.schemas.get(name) as never),
        logger: quiet,
      },
    ] satisfies ApolloGatewayOptions[];
    served.received.length = 0;
    for (const options of asked) {
      const { ask } = await start(options);
      expect((await ask(THING)).data).toEqual(answer(1));
    }
    expect(served.received.filter(({ headers }) => headers['x-key'] === 'k1').length).toBeGreaterThanOrEqual(2);
  });

  it('takes managed federation, by the uplink it is told', async () => {
    const uplink = createServer((_, response) => {
      const router = {
        __typename: 'RouterConfigResult',
        id: '1',
        supergraphSdl: served.supergraphSdl,
        minDelaySeconds: 30,
      };
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ data: { routerConfig: router } }));
    });
    await new Promise<void>((resolve) => uplink.listen(0, '127.0.0.1', resolve));
    const gateway = createApolloGateway({
      uplinkEndpoints: [`http://127.0.0.1:${(uplink.address() as AddressInfo).port}/`],
      logger: quiet,
    });
    await gateway.load({ apollo: { key: 'service:g:k', keyHash: 'h', graphRef: 'g@current' } });
    expect(Object.keys(gateway.schema?.getQueryType()?.getFields() ?? {})).toContain('only1');
    await gateway.stop();
    uplink.closeAllConnections();
    uplink.close();
    await expect(createApolloGateway().load()).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });

  it('tells of plans: to the callback, to the log, and to clients that ask for it where that is on', async () => {
    const [plans, lines]: [string[], string[]] = [[], []];
    const { server } = await start({
      supergraphSdl: served.supergraphSdl,
      debug: true,
      logger: { ...quiet, debug: (line) => lines.push(String(line)) },
      __exposeQueryPlanExperimental: true,
      buildService: ({ url }) => new RemoteGraphQLDataSource({ url: url ?? '' }),
      experimental_didResolveQueryPlan: ({ queryPlan, serviceMap, operationContext }) =>
        plans.push(queryPlan.kind, ...Object.keys(serviceMap).sort(), operationContext.operation.operation),
    });
    const { body } = await server.executeHTTPGraphQLRequest({
      httpGraphQLRequest: {
        method: 'POST',
        headers: new Map([
          ['content-type', 'application/json'],
          ['apollo-query-plan-experimental', '1'],
        ]) as never,
        search: '',
        body: { query: THING },
      },
      context: async () => ({}),
    });
    expect(body.kind === 'complete' && JSON.parse(body.string).extensions.__queryPlanExperimental).toMatch(
      /^QueryPlan \{/,
    );
    expect(plans).toEqual(['QueryPlan', 'prices', 'things', 'query']);
    expect(lines.join('\n')).toContain('QueryPlan {');
  });

  it('fails to start with a supergraph that does not load', async () => {
    await expect(createApolloGateway({ supergraphSdl: 'type {' }).load()).rejects.toMatchObject({
      code: 'SUPERGRAPH_INVALID',
    });
  });
});

const SDL: Record<string, string> = {
  things: `type Query { version: Int!  thing(id: ID!): Thing  slow: Int!  only1: Int! }
    type Thing @key(fields: "id") { id: ID!  name: String! }`,
  prices: 'type Thing @key(fields: "id") { id: ID!  price: Int! }',
};
