import { Supergraph } from '@apollo/federation-internals';
import { buildASTSchema, type DocumentNode, type GraphQLSchema } from 'graphql';
import { checkFeatures } from './features.ts';
import { readInputNames } from './input-names.ts';
import { readOverrideLabels } from './override-labels.ts';
import { invalidSupergraph, parseSupergraph } from './parse-supergraph.ts';
import { createScopePolicy, type ScopePolicy } from './policy.ts';

/** A supergraph, checked and taken apart into what each stage of the engine needs. */
export interface LoadedSupergraph {
  readonly sdl: string;
  /** What clients see. */
  readonly schema: GraphQLSchema;
  /** Every type, those hidden from clients included: plans and subgraph data speak of them. */
  readonly fullSchema: GraphQLSchema;
  readonly policy: ScopePolicy;
  /** Fields that keys and `@requires` read. */
  readonly inputNames: ReadonlySet<string>;
  /** Labels of progressive `@override`, sorted. */
  readonly overrideLabels: readonly string[];
}

/**
 * Reads a supergraph document (join v0.1 to v0.5, Federation 1 included). AppError SUPERGRAPH_INVALID says what is wrong.
 * With `defer` (the default) the client schema knows `@defer`; deferred fields are then answered at once.
 */
export function loadSupergraph(sdl: string, { defer = true }: { defer?: boolean } = {}): LoadedSupergraph {
  const document = parseSupergraph(sdl);
  checkFeatures(document);
  const schema = buildApiSchema(document, defer);
  const fullSchema = buildASTSchema(document, { assumeValid: true, assumeValidSDL: true });
  const policy = createScopePolicy(document, schema);
  const [inputNames, overrideLabels] = [readInputNames(document), readOverrideLabels(document)];
  return { sdl, schema, fullSchema, policy, inputNames, overrideLabels };
}

function buildApiSchema(document: DocumentNode, defer: boolean): GraphQLSchema {
  try {
    // The list of features has been checked by us: Apollo's own refuses authorization directives, which we enforce.
    const supergraph = Supergraph.build(document, { supportedFeatures: null });
    return supergraph.apiSchema().toGraphQLJSSchema({ includeDefer: defer });
  } catch (cause) {
    throw invalidSupergraph('does not load', cause);
  }
}
