import { type DocumentNode, type GraphQLSchema, printSchema } from 'graphql';
import { createBoundedCache } from '../../lib/bounded-cache.ts';
import { AppError } from '../../lib/errors.ts';
import { type Identity, meetsScopes } from '../../lib/identity.ts';
import type { ScopePolicy } from '../supergraph/policy.ts';
import { narrowSchema } from './narrow-schema.ts';
import { readTags } from './tags.ts';
import { type ContractTags, visibleByScopes, visibleByTags } from './visibility.ts';

/** A contract and whose it is. */
export interface Audience extends ContractTags {
  readonly name: string;
  /** Callers with one of these roles. The first audience that fits is a caller's. */
  readonly roles: readonly string[];
}

/** The graph as one caller gets it. */
export interface SchemaView {
  /** The caller's audience; null for those of none, who have the whole graph. */
  readonly audience: string | null;
  /** What may be asked. Scopes may still be missing for some of it. */
  readonly schema: GraphQLSchema;
  /** What the caller's scopes reach: for introspection, documentation and the words of validation errors. */
  readonly visible: GraphQLSchema;
  /** `visible` as text. */
  readonly sdl: string;
}

/** Views by caller. */
export interface Audiences {
  viewOf(identity: Identity | null): SchemaView;
}

/** Sets of scopes whose views are kept. */
const VIEW_LIMIT = 64;

/**
 * One graph, a schema for each audience. `document` is the supergraph. AppError SUPERGRAPH_INVALID when a contract hides what
 * it needs, CONFIG_INVALID when it names a tag that nothing carries.
 */
export function createAudiences(options: {
  document: DocumentNode;
  /** The API schema. */
  schema: GraphQLSchema;
  policy: ScopePolicy;
  audiences: readonly Audience[];
}): Audiences {
  const { document, schema, policy, audiences } = options;
  const tags = audiences.length > 0 ? readTags(document) : new Map<string, ReadonlySet<string>>();
  const known = new Set([...tags.values()].flatMap((names) => [...names]));
  const contracts = audiences.map((audience) => {
    for (const tag of [...(audience.include ?? []), ...(audience.exclude ?? [])])
      if (!known.has(tag))
        throw new AppError(
          'CONFIG_INVALID',
          `The audience ${audience.name} names the tag ${tag}, which nothing carries.`,
        );
    return { audience, schema: narrowSchema(schema, visibleByTags(schema, tags, audience)) };
  });
  const views = createBoundedCache<SchemaView>(VIEW_LIMIT);
  // Tokens that are known already bring the same identity with every request.
  const byIdentity = new WeakMap<Identity, SchemaView>();
  return {
    viewOf(identity) {
      const seen = identity && byIdentity.get(identity);
      if (seen) return seen;
      const found = contracts.find(({ audience }) => audience.roles.some((role) => identity?.roles.includes(role)));
      const scopes = policy.empty ? '' : identity === null ? 'anonymous' : JSON.stringify([...identity.scopes].sort());
      const key = `${found?.audience.name ?? ''}\0${scopes}`;
      const view =
        views.get(key) ?? createView(found?.audience.name ?? null, found?.schema ?? schema, policy, identity);
      views.set(key, view);
      if (identity) byIdentity.set(identity, view);
      return view;
    },
  };
}

function createView(audience: string | null, schema: GraphQLSchema, policy: ScopePolicy, identity: Identity | null) {
  const allows = (requirement: ReturnType<ScopePolicy['forType']>) =>
    requirement === null || (identity !== null && meetsScopes(identity.scopes, requirement));
  let visible: GraphQLSchema | null = null;
  let sdl: string | null = null;
  return {
    audience,
    schema,
    get visible() {
      // Not refused as a contract is: who lacks scopes is not at fault for what they hide.
      visible ??= policy.empty ? schema : narrowSchema(schema, visibleByScopes(schema, policy, allows), 'hide');
      return visible;
    },
    get sdl() {
      sdl ??= `${printSchema(this.visible)}\n`;
      return sdl;
    },
  };
}
