import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGateway, type Gateway } from '../../../gateway/index.ts';
import { createDemoGraph } from './demo-gateway.ts';
import { outcomeOf, readAnswer } from './read-answer.ts';

const graph = createDemoGraph();
const options = { supergraph: graph.supergraphSdl, transport: graph.transport };
let gateway: Gateway;
let url: string;
beforeAll(async () => {
  gateway = await createGateway({ ...options, limits: { bodyBytes: 2_000, depth: 3 } });
  ({ url } = await gateway.listen({ host: '127.0.0.1', port: 0 }));
});
afterAll(() => gateway.close());

function ask(query: string, accept = 'application/json') {
  const headers = { 'content-type': 'application/json', accept };
  return fetch(`${url}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query }) });
}

describe('createGateway', () => {
  it('serves a supergraph on a free port', async () => {
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(await readAnswer(await ask('{ account(id: "1") { name } }'))).toEqual({
      data: { account: { name: 'Account 1' } },
    });
  });

  it('holds the limits it is given', async () => {
    expect(
      await outcomeOf(await ask('{ invoice(id: "1") { account { name } } a: invoice(id: 1) { account { id } } }')),
    ).toEqual([200]);
    expect(await outcomeOf(await ask(`{ ${' '.repeat(3_000)} hello }`))).toEqual([413, 'PAYLOAD_TOO_LARGE']);
  });

  it('refuses event-driven fields where there is no bus', async () => {
    const response = await ask('subscription { streamed(noun: "invoice") { id } }', 'text/event-stream');
    expect(await outcomeOf(response)).toEqual([400, 'BAD_REQUEST']);
  });

  it('names a port that is in use', async () => {
    const other = await createGateway(options);
    const port = Number(new URL(url).port);
    await expect(other.listen({ host: '127.0.0.1', port })).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      extensions: { port },
    });
    await other.close();
  });

  it('refuses audiences without authentication, for everybody would have the whole graph', async () => {
    const audiences = [{ name: 'partner', roles: ['partner'], exclude: ['internal'] }];
    await expect(createGateway({ ...options, audiences })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      extensions: { setting: 'audiences' },
    });
  });

  it('refuses a supergraph that does not load', async () => {
    await expect(createGateway({ ...options, supergraph: 'type Query { a: Int }' })).rejects.toMatchObject({
      code: 'SUPERGRAPH_INVALID',
    });
    await expect(createGateway({ ...options, supergraph: 'type {' })).rejects.toMatchObject({
      code: 'SUPERGRAPH_INVALID',
    });
  });
});
