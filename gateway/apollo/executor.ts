import { prettyFormatQueryPlan, type QueryPlan } from '@apollo/query-planner';
import { type ExecutionResult, GraphQLError, type GraphQLFormattedError, Kind } from 'graphql';
import { AppError } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import { type ClientHeaders, type Engine, type OperationContext, OperationRejected } from '../engine.ts';
import type { DataSources } from './data-sources.ts';
import type { AnyApolloOptions, ApolloRequestContext } from './options.ts';

/** Runs one operation for Apollo Server. Errors of the result are GraphQLError instances, which it insists on. */
export type ApolloExecutor = (requestContext: ApolloRequestContext) => Promise<ExecutionResult>;

/** What an executor is made of. */
export interface ApolloExecutorParts {
  readonly engine: Engine;
  readonly options: AnyApolloOptions;
  /** Those of the schema that serves, by subgraph. */
  readonly serviceMap: () => Readonly<Record<string, ReturnType<DataSources['get']>>>;
  readonly logger: Logger;
}

/** An executor that always uses the schema that serves. */
export function createApolloExecutor(parts: ApolloExecutorParts): ApolloExecutor {
  const { engine, options } = parts;
  return async (requestContext) => {
    const context = toContext(requestContext, options);
    try {
      const { source: query, request, operationName } = requestContext;
      if (requestContext.operation.operation === 'subscription') throw noSubscriptions();
      const operation = await engine.prepare(
        { query, operationName, variables: request.variables ?? null },
        context.identity,
        context,
      );
      tellPlan(parts, requestContext, operation.plan);
      const { result } = await engine.execute(operation, context);
      return withPlan(toInstances(result), requestContext, operation.plan, options);
    } catch (error) {
      return { errors: toErrors(error) };
    }
  };
}

function toContext(requestContext: ApolloRequestContext, { identity }: AnyApolloOptions): OperationContext {
  const headers = requestContext.request.http?.headers;
  const given: ClientHeaders = headers ? Object.fromEntries(headers) : {};
  return {
    identity: identity?.(requestContext) ?? null,
    requestId: String(given['x-request-id'] ?? ''),
    // Apollo Server does not tell when a client goes away.
    signal: new AbortController().signal,
    headers: given,
    correlation: requestContext,
  };
}

function tellPlan(
  { options, serviceMap, engine, logger }: ApolloExecutorParts,
  requestContext: ApolloRequestContext,
  plan: QueryPlan | null,
): void {
  if (!plan) return;
  if (options.debug) logger.debug({}, prettyFormatQueryPlan(plan));
  if (!options.experimental_didResolveQueryPlan) return;
  const { document, operation } = requestContext;
  const fragments = document.definitions.filter((node) => node.kind === Kind.FRAGMENT_DEFINITION);
  options.experimental_didResolveQueryPlan({
    queryPlan: plan,
    serviceMap: serviceMap(),
    requestContext,
    operationContext: {
      schema: engine.schema,
      operation,
      fragments: Object.fromEntries(fragments.map((fragment) => [fragment.name.value, fragment])),
    },
  });
}

/** As Apollo's: asked for by a header, in one of two formats. */
function withPlan(
  result: ExecutionResult,
  { request }: ApolloRequestContext,
  plan: QueryPlan | null,
  { __exposeQueryPlanExperimental: isExposed = false }: AnyApolloOptions,
): ExecutionResult {
  const headers = request.http?.headers;
  if (!isExposed || !headers?.get('apollo-query-plan-experimental')) return result;
  const format = headers.get('apollo-query-plan-experimental-format') ?? 'prettified';
  const shown = { prettified: plan ? prettyFormatQueryPlan(plan) : true, internal: plan }[format] ?? true;
  return { ...result, extensions: { ...result.extensions, __queryPlanExperimental: shown } };
}

function toInstances(result: ExecutionResult): ExecutionResult {
  // Errors of an answer that was made of bytes are plain objects.
  const errors: readonly (GraphQLError | GraphQLFormattedError)[] | undefined = result.errors;
  if (!errors) return result;
  return { ...result, errors: errors.map((error) => (error instanceof GraphQLError ? error : toInstance(error))) };
}

function toInstance({ message, path, extensions }: GraphQLFormattedError, status?: number): GraphQLError {
  // Apollo Server reads the status of its answer from there, and takes it out.
  const http = status === undefined ? {} : { http: { status } };
  return new GraphQLError(message, { path: path ?? null, extensions: { ...extensions, ...http } });
}

function toErrors(error: unknown): GraphQLError[] {
  if (error instanceof OperationRejected) return error.errors.map((one) => toInstance(one, error.status));
  if (!(error instanceof AppError)) throw error;
  return [toInstance({ message: error.message, extensions: { code: error.code } }, error.status)];
}

function noSubscriptions(): AppError {
  return new AppError(
    'BAD_REQUEST',
    'Apollo Server carries no subscriptions for a gateway; createGateway serves them.',
  );
}
