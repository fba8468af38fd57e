import { afterEach, expect, it } from 'vitest';
import { createGateway, createHttpTransport } from '../../../gateway/index.ts';
import { createTestGraph } from '../../support/test-subgraphs.ts';
import { type RawAnswer, response, startRawServer } from '../transport/raw-server.ts';

const { supergraphSdl } = createTestGraph([
  { name: 'lists', sdl: 'type Query { item: Item } type Item @key(fields: "id") { id: ID! name: String }' },
  { name: 'items', sdl: 'type Item @key(fields: "id") { id: ID! price: Int }' },
]);
const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const write =
  (bytes: string | Buffer): RawAnswer =>
  (socket) =>
    socket.write(bytes);
const LIST = write(response(JSON.stringify({ data: { item: { __typename: 'Item', id: 'i1', name: 'One' } } })));
const deep = `{"data":${'['.repeat(10_000)}${']'.repeat(10_000)}}`;

async function start(items: RawAnswer) {
  const lists = await startRawServer(LIST);
  const faulty = await startRawServer(items);
  const traffic = { trusted: false, retry: false as const };
  const transport = createHttpTransport({
    subgraphs: {
      lists: { ...traffic, url: lists.url, timeoutMs: 5_000 },
      items: { ...traffic, url: faulty.url, timeoutMs: 300 },
    },
  });
  const gateway = await createGateway({ supergraph: supergraphSdl, transport });
  closers.push(
    lists.close,
    faulty.close,
    () => transport.close(),
    () => gateway.close(0),
  );
  const { url } = await gateway.listen({ host: '127.0.0.1', port: 0 });
  const ask = (signal: AbortSignal | null = null) =>
    fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"query":"{ item { name price } }"}',
      signal,
    });
  return { ask, faulty };
}

it.each<[string, RawAnswer]>([
  ['cuts the connection', (socket) => socket.destroy()],
  ['is slower than it may be', () => {}],
  ['answers in HTML', write(response('<html>hunter2</html>', ['content-type: text/html']))],
  ['answers half of its JSON', write(response('{"data":{"_entities":[{"pri'))],
  ['nests its answer 10,000 levels deep', write(response(deep))],
  [
    'says that it is asked too often',
    write('HTTP/1.1 429 Too Many Requests\r\nretry-after: 1\r\ncontent-length: 0\r\n\r\n'),
  ],
])('a subgraph that %s costs its own fields, and the client learns no address', async (_, items) => {
  const { ask } = await start(items);
  const text = await (await ask()).text();
  const { data, errors } = JSON.parse(text);
  expect(data).toEqual({ item: { name: 'One', price: null } });
  expect(errors).toHaveLength(1);
  expect(errors[0].path).toEqual(['item', 'price']);
  expect(errors[0].extensions).toMatchObject({ code: expect.stringMatching(/^SUBGRAPH_/), service: 'items' });
  expect(text).not.toMatch(/127\.0\.0\.1|http:|hunter2|ECONN/);
});
