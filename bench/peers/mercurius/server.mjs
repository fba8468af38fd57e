import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import mercurius from '@mercuriusjs/gateway';
import fastify from 'fastify';

/** Mercurius as a gateway: it takes no supergraph but asks the subgraphs for their SDL. */
const { values } = parseArgs({ options: { supergraph: { type: 'string' }, port: { type: 'string' } } });
const sdl = readFileSync(values.supergraph, 'utf8');
const services = [...sdl.matchAll(/@join__graph\(name: "([a-z]+)", url: "([^"]+)"\)/g)].map(([, name, url]) => ({
  name,
  url,
  mandatory: true,
}));
const app = fastify();
await app.register(mercurius, { gateway: { services }, path: '/graphql' });
await app.listen({ host: '127.0.0.1', port: Number(values.port) });
