import { readFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { type GraphQLSchema, graphql } from 'graphql';
import { createShopData, type ShopData } from './data.ts';
import { createMessageReader } from './message-reader.ts';
import { readPublicData } from './public-data.ts';
import { createSubgraphSchemas, FIRST_FEDERATION_SDL } from './subgraph-schemas.ts';

/** What the harness says to this process. */
export type SubgraphsCommand = { readonly command: 'count' };
/** What it is told. */
export type SubgraphsMessage = { readonly port: number } | { readonly requests: number; readonly misses: number };

/**
 * The subgraphs of all scenarios: `/<data set>/<subgraph>` on one port. A reply is made once by graphql-js and played back to
 * everybody who posts the same bytes, so that what is measured is the gateway.
 */
const [publicFile] = process.argv.slice(2);
const shops: Record<string, ShopData> = {
  repeating: createShopData({ pool: 9 }),
  'non-repeating': createShopData({ pool: null }),
  ...(publicFile ? { public: readPublicData(readFileSync(publicFile, 'utf8')) } : {}),
};
const schemas = new Map<string, GraphQLSchema>();
for (const [set, shop] of Object.entries(shops))
  for (const [name, schema] of Object.entries(createSubgraphSchemas(shop))) schemas.set(`/${set}/${name}`, schema);

const replies = new Map<string, Map<string, Buffer>>([...schemas.keys()].map((path) => [path, new Map()]));
const counts = { requests: 0, misses: 0 };

const server = createServer({ noDelay: true }, (socket) => {
  const reader = createMessageReader((head, body) => answer(socket, head, body));
  socket.on('data', reader);
  socket.on('error', () => socket.destroy());
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address && typeof address === 'object') tell({ port: address.port });
});
process.on('message', (_: SubgraphsCommand) => tell({ ...counts }));
process.on('disconnect', () => process.exit(0));

function tell(message: SubgraphsMessage): void {
  process.send?.(message);
}

function answer(socket: Socket, head: string, body: Buffer): void {
  const path = head.slice(head.indexOf(' ') + 1, head.indexOf(' ', head.indexOf(' ') + 1));
  const text = body.toString('latin1');
  counts.requests += 1;
  const known = replies.get(path)?.get(text);
  if (known) socket.write(known);
  else void fill(path, text, Buffer.from(body)).then((reply) => socket.write(reply));
}

async function fill(path: string, text: string, body: Buffer): Promise<Buffer> {
  const schema = schemas.get(path);
  if (!schema) return toReply('404 Not Found', '{}');
  counts.misses += 1;
  const { query, variables, operationName } = JSON.parse(body.toString('utf8'));
  const sdl = FIRST_FEDERATION_SDL[path.slice(path.lastIndexOf('/') + 1)];
  if (/\b_service\b/.test(query)) return toReply('200 OK', JSON.stringify({ data: { _service: { sdl } } }));
  const result = await graphql({ schema, source: query, variableValues: variables, operationName });
  const reply = toReply('200 OK', JSON.stringify(result));
  replies.get(path)?.set(text, reply);
  return reply;
}

function toReply(status: string, json: string): Buffer {
  const head = `HTTP/1.1 ${status}\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(json)}\r\nconnection: keep-alive\r\n\r\n`;
  return Buffer.from(head + json, 'utf8');
}
