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
