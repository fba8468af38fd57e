import { createServer } from 'node:http';
import { parseArgs } from 'node:util';
import { aggregate, type Post } from './aggregator.ts';
import { createRawClient } from './raw-client.ts';

/**
 * What is not a gateway but tells how good one can be: `aggregator` does this one operation by hand, `floor` sends the same
 * seven fetches and parses nothing, `constant` answers with `--bytes` bytes and sends nothing.
 */
const { values } = parseArgs({
  options: {
    mode: { type: 'string', default: 'aggregator' },
    base: { type: 'string', default: '' },
    port: { type: 'string', default: '0' },
    bytes: { type: 'string', default: '1000' },
  },
});
const post = toPost();
const answer = await toAnswer(values.mode);

const server = createServer((request, response) => {
  request.on('data', () => undefined);
  request.on('end', () => {
    void answer().then((body) => {
      const length = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
      response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'content-length': length });
      response.end(body);
    });
  });
});
server.listen(Number(values.port), '127.0.0.1', () => process.stdout.write('The server answers.\n'));

function toPost(): Post {
  const clients = new Map(
    values.base
      ? ['accounts', 'inventory', 'products', 'reviews'].map((name) => [
          name,
          createRawClient(`${values.base}/${name}`),
        ])
      : [],
  );
  return async (service, body) => clients.get(service)?.post(body) ?? Buffer.alloc(0);
}

async function toAnswer(mode: string): Promise<() => Promise<string | Buffer>> {
  if (mode === 'aggregator') return () => aggregate(post);
  if (mode === 'constant') {
    const body = Buffer.from(JSON.stringify({ data: 'x'.repeat(Math.max(0, Number(values.bytes) - 11)) }));
    return () => Promise.resolve(body);
  }
  const sent: (readonly [string, string])[] = [];
  const recorded = Buffer.from(
    await aggregate((service, body) => {
      sent.push([service, body]);
      return post(service, body);
    }),
  );
  return async () => {
    await Promise.all(sent.map(([service, body]) => post(service, body)));
    return recorded;
  };
}
