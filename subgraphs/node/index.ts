import { prefixOf } from '../../lib/ids.ts';
import { defineService, type ServiceDefinition } from '../kit/service.ts';
import type { NodePorts } from './ports.ts';
import { createNodeResolvers } from './resolvers.ts';

/** Node: any record by its id alone. It answers with a stub; the record's own subgraph fills it. */
export function createNodeService(ports: NodePorts): ServiceDefinition<NodePorts> {
  return defineService({
    name: 'node',
    schema: new URL('./schema.graphql', import.meta.url),
    createClient: () => ports,
    resolvers: createNodeResolvers,
  });
}

/** An owner of ids: a subgraph that serves nodes. */
export interface NodeOwner {
  readonly nodes: Readonly<Record<string, string>>;
  readonly exists?: (tenant: string, ids: readonly string[]) => Promise<ReadonlySet<string>>;
}

/** The ports over subgraphs: each is asked once for the ids of its prefixes. */
export function toNodePorts(owners: readonly NodeOwner[]): NodePorts {
  const serving = owners.filter((owner) => owner.exists && Object.keys(owner.nodes).length > 0);
  return {
    types: Object.assign({}, ...serving.map(({ nodes }) => nodes)),
    async exists(tenant, ids) {
      const answers = await Promise.all(
        serving.map(async ({ nodes, exists }) => {
          const own = ids.filter((id) => Object.hasOwn(nodes, prefixOf(id) ?? ''));
          return own.length > 0 && exists ? exists(tenant, own) : new Set<string>();
        }),
      );
      return new Set(answers.flatMap((found) => [...found]));
    },
  };
}
