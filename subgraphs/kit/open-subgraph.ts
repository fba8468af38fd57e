import { readFile } from 'node:fs/promises';
import { buildSubgraphSchema } from '@apollo/subgraph';
import {
  type DocumentNode,
  execute,
  type GraphQLError,
  type GraphQLSchema,
  isValueNode,
  parse,
  ValuesOfCorrectTypeRule,
  validate,
} from 'graphql';
import { AppError } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import { createContext } from './context.ts';
import { guardSchema } from './guard.ts';
import { maskError } from './mask-errors.ts';
import { SCALARS } from './scalars.ts';
import type { Resolvers, Running, Runtime, Service, ServiceDefinition } from './service.ts';
import type { Subgraph, SubgraphAnswer, SubgraphCall } from './subgraph.ts';

/**
 * Opens a service on a runtime: builds its guarded schema and makes its collections and indexes.
 * Rejects when the schema does not build or the store does not answer.
 */
export async function openSubgraph<Client>(definition: ServiceDefinition<Client>, runtime: Runtime): Promise<Subgraph> {
  const sdl = await readFile(definition.schema, 'utf8');
  const logger = runtime.logger.child({ subgraph: definition.name });
  const service: Service<Client> = { runtime, client: definition.createClient(runtime) };
  const schema = buildSchema(sdl, definition.resolvers(service));
  await Promise.all(Object.values(runtime.store.connection.models).map((model) => model.init()));
  const exists = definition.exists;
  return {
    name: definition.name,
    schema,
    sdl,
    nodes: definition.nodes ?? {},
    execute: (call) => executeLocally(schema, call, logger),
    ...(exists ? { exists: (tenant, ids) => exists(service, tenant, ids) } : {}),
    ...(definition.webhook ? { webhook: definition.webhook(service) } : {}),
    ...createLife(definition, service),
  };
}

function buildSchema(sdl: string, resolvers: Resolvers): GraphQLSchema {
  const document = parse(sdl);
  const typeDefs = { typeDefs: document, resolvers: { ...SCALARS, ...resolvers } };
  return guardSchema(buildSubgraphSchema(typeDefs as Parameters<typeof buildSubgraphSchema>[0]), document);
}

/** `start` and `close` over the service's sync; a close while it starts waits for it. */
function createLife<Client>(
  definition: ServiceDefinition<Client>,
  service: Service<Client>,
): Pick<Subgraph, 'start' | 'close'> {
  let running: Promise<Running | null> | null = null;
  return {
    async start() {
      running ??= definition.sync ? definition.sync(service) : Promise.resolve(null);
      await running;
    },
    async close() {
      const current = running;
      running = null;
      await (await current)?.close();
    },
  };
}

async function executeLocally(schema: GraphQLSchema, call: SubgraphCall, logger: Logger): Promise<SubgraphAnswer> {
  if (!call.identity) return refused(new AppError('UNAUTHENTICATED', 'This service knows no anonymous callers.'));
  try {
    const { data, errors } = await execute({
      schema,
      document: call.operation.document,
      variableValues: call.variables,
      contextValue: createContext(call.identity, call.requestId),
      operationName: call.operation.name,
    });
    if (!errors) return { data: data ?? null };
    const shown = errors.map((error) => mask(explain(error, schema, call.operation.document), call.requestId, logger));
    return data === undefined ? { errors: shown } : { data, errors: shown };
  } catch (error) {
    // graphql-js throws for a broken schema only.
    logger.error({ err: error, requestId: call.requestId }, 'A subgraph operation failed');
    return refused(new AppError('INTERNAL', 'Something failed inside.'));
  }
}

/** Of a literal that a scalar refuses, graphql-js says when executing only that it is wrong; validating says why. */
function explain(error: GraphQLError, schema: GraphQLSchema, document: DocumentNode): GraphQLError {
  const [node] = error.nodes ?? [];
  if (!node || !isValueNode(node)) return error;
  const [reason, ...others] = validate(schema, document, [ValuesOfCorrectTypeRule]);
  return reason && others.length === 0 ? Object.assign(error, { message: reason.message }) : error;
}

function mask(error: GraphQLError, requestId: string, logger: Logger): NonNullable<SubgraphAnswer['errors']>[number] {
  const { shown, unexpected } = maskError(error);
  if (unexpected) logger.error({ err: error.originalError ?? error, requestId, path: error.path }, 'A resolver failed');
  return shown;
}

function refused(error: AppError): SubgraphAnswer {
  return { data: null, errors: [{ message: error.message, extensions: { code: error.code } }] };
}
