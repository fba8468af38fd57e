import { ApolloServer } from '@apollo/server';
import {
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
} from '@apollo/server/plugin/disabled';
import { GraphQLError } from 'graphql';
import type { Logger } from '../../lib/logger.ts';
import { maskError } from './mask-errors.ts';
import type { SubgraphContext } from './service.ts';
import type { Subgraph } from './subgraph.ts';

/** An Apollo Server over a subgraph's guarded schema, not started: no introspection, no landing page, no tracing, masked errors. */
export function createApollo({ schema }: Subgraph, logger: Logger): ApolloServer<SubgraphContext> {
  return new ApolloServer<SubgraphContext>({
    schema,
    introspection: false,
    persistedQueries: false,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    formatError: (formatted, error) => (error instanceof GraphQLError ? maskError(error).shown : formatted),
    plugins: [
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      {
        async requestDidStart() {
          return {
            async didEncounterErrors({ errors, contextValue }) {
              for (const error of errors) logUnexpected(error, contextValue.requestId, logger);
            },
          };
        },
      },
    ],
  });
}

function logUnexpected(error: GraphQLError, requestId: string, logger: Logger): void {
  if (!maskError(error).unexpected) return;
  logger.error({ err: error.originalError ?? error, requestId, path: error.path }, 'A resolver failed');
}
