import DataLoader from 'dataloader';
import { AppError } from '../../lib/errors.ts';
import { prefixOf } from '../../lib/ids.ts';
import type { Resolvers, Service, SubgraphContext } from '../kit/service.ts';
import type { NodePorts } from './ports.ts';

/** What a stub holds: enough for the owner's reference resolver. */
interface Stub {
  readonly __typename: string;
  readonly id: string;
}

const MAX_IDS = 100;

/** Resolvers of `node` and `nodes`: all ids of one operation are checked for existence together. */
export function createNodeResolvers({ client }: Service<NodePorts>): Resolvers {
  return {
    Query: {
      node: (_parent, { id }: { id: string }, context: SubgraphContext) => findStub(client, id, context),
      nodes: (_parent, { ids }: { ids: string[] }, context: SubgraphContext) => {
        if (ids.length > MAX_IDS) throw new AppError('BAD_USER_INPUT', `nodes takes at most ${MAX_IDS} ids.`);
        return ids.map((id) => findStub(client, id, context));
      },
    },
    Node: { __resolveType: (stub: Stub) => stub.__typename },
  };
}

/** Another tenant's id, an unknown prefix and plain nonsense all answer null. */
async function findStub({ types, exists }: NodePorts, id: string, context: SubgraphContext): Promise<Stub | null> {
  const prefix = prefixOf(id) ?? '';
  const __typename = Object.hasOwn(types, prefix) ? types[prefix] : undefined;
  if (__typename === undefined) return null;
  const loader = context.loader('node.exists', () => {
    const check = async (ids: readonly string[]) => {
      const found = await exists(context.identity.tenant, ids);
      return ids.map((one) => found.has(one));
    };
    return new DataLoader<string, boolean>(check);
  });
  return (await loader.load(id)) ? { __typename, id } : null;
}
