import { Kind, type StringValueNode } from 'graphql';
import { parseSupergraph } from './parse-supergraph.ts';

/** Where each subgraph answers, by name, as the supergraph says it: `@join__graph(name:, url:)` on the values of `join__Graph`. Errors as `parseSupergraph`. */
export function readRoutingUrls(supergraphSdl: string): Readonly<Record<string, string>> {
  const graphs = parseSupergraph(supergraphSdl).definitions.find(
    (definition) => definition.kind === Kind.ENUM_TYPE_DEFINITION && definition.name.value === 'join__Graph',
  );
  const values = graphs?.kind === Kind.ENUM_TYPE_DEFINITION ? (graphs.values ?? []) : [];
  return Object.fromEntries(
    values.map((value) => {
      const directive = value.directives?.find(({ name }) => name.value === 'join__graph');
      const text = (argument: string) =>
        (directive?.arguments?.find(({ name }) => name.value === argument)?.value as StringValueNode | undefined)
          ?.value ?? '';
      return [text('name'), text('url')];
    }),
  );
}
