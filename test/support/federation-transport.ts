import type { SubgraphTransport } from '../../gateway/transport/transport.ts';

/** The same subgraphs as over the network: each answer also comes as the bytes of its JSON, which is what the fast tier reads. */
export function withBytes(transport: SubgraphTransport): SubgraphTransport {
  return {
    send: (request) => transport.send(request),
    sendRaw: async (request) => ({ status: 200, bytes: Buffer.from(JSON.stringify(await transport.send(request))) }),
    close: () => transport.close(),
  };
}
