import { prefixOf } from '../lib/ids.ts';
import { expireInbox } from '../store/inbox.ts';
import { startRelay } from '../store/relay.ts';
import { services } from '../subgraphs/index.ts';
import { openSubgraph } from '../subgraphs/kit/open-subgraph.ts';
import type { Runtime } from '../subgraphs/kit/service.ts';
import type { Subgraph } from '../subgraphs/kit/subgraph.ts';
import type { WebhookReceiver } from '../subgraphs/kit/webhook.ts';
import { createNodeService } from '../subgraphs/node/index.ts';
import { createClosing } from './closing.ts';
import type { Ground } from './runtime.ts';

/** Every subgraph, opened on one runtime. */
export interface Services {
  readonly subgraphs: readonly Subgraph[];
  /** By vendor. */
  readonly receivers: ReadonlyMap<string, WebhookReceiver>;
  /** Starts what runs beside requests: the outbox relay and every service's consumers. */
  startSync(): Promise<void>;
  close(): Promise<void>;
}

/** The names of all subgraphs, in the order of supergraph.yaml. */
export function serviceNames(): string[] {
  return [...services.map((service) => service.name), 'node'];
}

/** Opens the subgraphs. Each may ask whether a record of another exists; `node` lives on that. */
export async function openServices(ground: Ground): Promise<Services> {
  const closing = createClosing();
  const owners: Subgraph[] = [];
  const runtime: Runtime = { ...ground, exists: existsIn(owners) };
  owners.push(...(await Promise.all(services.map((service) => openSubgraph(service, runtime)))));
  const types = Object.assign({}, ...owners.map(({ nodes }) => nodes));
  const node = await openSubgraph(createNodeService({ types, exists: runtime.exists }), runtime);
  const subgraphs = [...owners, node];
  for (const subgraph of subgraphs) closing.add(() => subgraph.close());
  const receivers = new Map(owners.flatMap(({ name, webhook }) => (webhook ? [[name, webhook] as const] : [])));
  const startSync = async () => {
    await expireInbox(runtime.store.connection);
    const relay = await startRelay({
      connection: runtime.store.connection,
      bus: runtime.bus,
      clock: runtime.clock,
      logger: runtime.logger,
      alone: runtime.store.alone,
    });
    closing.add(() => relay.close());
    await Promise.all(subgraphs.map((subgraph) => subgraph.start()));
  };
  return { subgraphs, receivers, startSync, close: () => closing.close() };
}

function existsIn(owners: readonly Subgraph[]): Runtime['exists'] {
  return async (tenant, ids) => {
    const found = new Set<string>();
    for (const owner of owners) {
      const own = ids.filter((id) => Object.hasOwn(owner.nodes, prefixOf(id) ?? ''));
      for (const id of (own.length > 0 && (await owner.exists?.(tenant, own))) || []) found.add(id);
    }
    return found;
  };
}
