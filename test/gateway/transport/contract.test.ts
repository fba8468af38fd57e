import { afterEach } from 'vitest';
import { createHttpTransport } from '../../../gateway/transport/http.ts';
import { createLocalTransport } from '../../../gateway/transport/local.ts';
import type { SubgraphTraffic } from '../../../gateway/transport/traffic.ts';
import { type Behaviour, describeTransport } from './contract.ts';
import { json, startSubgraph } from './subgraph-server.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function startHttp(behave: Behaviour, all: SubgraphTraffic) {
  const server = await startSubgraph((response, { body }, socket) => {
    const { query: text, variables } = JSON.parse(body);
    behave({ text, variables }).then(
      (result) => json(result)(response, { headers: {}, body }, socket),
      () => json({ hidden: 'hunter2' }, 503)(response, { headers: {}, body }, socket),
    );
  });
  const transport = createHttpTransport({ subgraphs: { crm: { url: server.url, trusted: false } }, all });
  closers.push(server.close, () => transport.close());
  return transport;
}

describeTransport('HTTP', (behave) => startHttp(behave, { breaker: { minCalls: 1_000 } }));
describeTransport('HTTP without any layer', (behave) =>
  startHttp(behave, { breaker: false, retry: false, concurrency: false }),
);
describeTransport('HTTP with every layer', (behave) =>
  startHttp(behave, {
    breaker: { minCalls: 1_000 },
    dedupe: true,
    tryTimeoutMs: 2_000,
    compression: true,
    connections: 2,
  }),
);
describeTransport('the local one', async (behave) =>
  createLocalTransport([
    { name: 'crm', execute: ({ operation, variables }) => behave({ text: operation.text, variables }) },
  ]),
);
