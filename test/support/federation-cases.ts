import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine, type EngineOptions } from '../../gateway/create-engine.ts';
import type { Engine, GraphQLRequest, OperationContext } from '../../gateway/engine.ts';
import type { Identity } from '../../lib/identity.ts';
import { createReferenceEngine, type ReferenceEngine } from './reference-engine.ts';
import { createTestGraph, type SubgraphCall, type TestGraph, type TestSubgraph } from './test-subgraphs.ts';

/** An answer as JSON. */
export interface Answer {
  readonly data?: unknown;
  readonly errors?: readonly { message: string; path?: (string | number)[]; extensions: Record<string, unknown> }[];
}

/** One operation with the answer a person worked out. */
export interface FederationCase {
  readonly title: string;
  readonly query: string;
  readonly variables?: Record<string, unknown>;
  readonly data: unknown;
  /** Subgraphs asked, sorted, when it matters. */
  readonly asked?: readonly string[];
  /** Why the reference engine is not compared: where it differs from the specification. */
  readonly unlikeReference?: string;
}

/** An engine over test subgraphs, with everything observable. */
export interface EngineUnderTest {
  readonly graph: TestGraph;
  readonly engine: Engine;
  run(request: GraphQLRequest, identity?: Identity | null): Promise<Answer>;
  /** What the last `run` asked. */
  asked(): readonly SubgraphCall[];
}

/** Opens an engine over subgraphs. Close `engine` afterwards. */
export async function openEngine(
  subgraphs: readonly TestSubgraph[],
  options: Partial<EngineOptions> = {},
): Promise<EngineUnderTest> {
  const graph = createTestGraph(subgraphs);
  const engine = await createEngine({ supergraph: graph.supergraphSdl, transport: graph.transport, ...options });
  return {
    graph,
    engine,
    asked: () => [...graph.calls],
    async run(request, identity = null) {
      graph.calls.length = 0;
      const operation = await engine.prepare(request, identity);
      return toJson(await engine.execute(operation, contextOf(identity))) as Answer;
    },
  };
}

/** A context with nothing special about it. */
export function contextOf(identity: Identity | null): OperationContext {
  return { identity, requestId: 'test', signal: new AbortController().signal };
}

/** An identity with these scopes. */
export function identityWith(...scopes: string[]): Identity {
  return { subject: 'u1', tenant: 'acme', roles: [], scopes, expiresAt: Number.MAX_SAFE_INTEGER, tokenId: null };
}

/** Runs each case through our engine and, unless it says why not, through the reference engine; both must give its data. */
export function describeFederation(
  title: string,
  subgraphs: readonly TestSubgraph[],
  cases: readonly FederationCase[],
) {
  describe(title, () => {
    let ours: EngineUnderTest;
    let reference: ReferenceEngine;
    beforeAll(async () => {
      ours = await openEngine(subgraphs);
      reference = await createReferenceEngine(ours.graph);
    });
    afterAll(() => Promise.all([ours.engine.close(), reference.close()]));

    it.each(cases)('$title', async ({ query, variables = {}, data, asked, unlikeReference }) => {
      const answer = await ours.run({ query, variables });
      expect(answer).toEqual({ data });
      if (asked)
        expect(
          ours
            .asked()
            .map(({ subgraph }) => subgraph)
            .sort(),
        ).toEqual(asked);
      if (!unlikeReference) expect(toJson((await reference.run({ query, variables })).data)).toEqual(data);
    });
  });
}

/** What a client would receive. */
export function toJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
