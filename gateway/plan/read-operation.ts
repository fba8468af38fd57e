import type { DocumentNode, FragmentDefinitionNode, GraphQLSchema, OperationDefinitionNode } from 'graphql';
import { Kind, OperationTypeNode } from 'graphql';
import { createBoundedCache } from '../../lib/bounded-cache.ts';
import type { GraphQLRequest } from '../engine.ts';
import type { Limits } from '../options.ts';
import { CACHED_CHARACTERS } from './cached-characters.ts';
import { checkLimits } from './measure.ts';
import { createNormaliser, type NormalisedOperation } from './normalise/normalise-operation.ts';
import { readDocument } from './read-document.ts';
import { rejection } from './rejection.ts';
import { validateDocument } from './validate-document.ts';

/** A valid document within the limits, and the operation of it that is to run: as the client wrote it, and in normal form. */
export interface ReadOperation extends NormalisedOperation {
  readonly document: DocumentNode;
  /** The client's own: what variables are coerced by, and what errors speak of. */
  readonly operation: OperationDefinitionNode;
}

/** Longer documents are read anew each time, so that the cache cannot be filled with megabytes. */
const CACHED_TEXT = 32_768;

/**
 * Reads requests for one schema: limit → parse → count → validate → choose → normalise. Valid documents are kept by text, so the next one is
 * free.
 */
export function createOperationReader(options: {
  schema: GraphQLSchema;
  limits: Limits;
  cacheSize: number;
}): (request: GraphQLRequest, visible: () => GraphQLSchema) => ReadOperation {
  const { schema, limits, cacheSize } = options;
  const known = createBoundedCache<ReadOperation>(cacheSize, { keyLength: CACHED_CHARACTERS });
  const normalise = createNormaliser({ schema, cacheSize });
  return ({ query, operationName, incremental = false }, visible) => {
    const defers = incremental && query.includes('defer');
    const key = `${operationName ?? ''}\0${defers ? '+' : '-'}${query}`;
    const hit = known.get(key);
    if (hit) return hit;
    const document = readDocument(query, limits);
    checkLimits(document, limits);
    validateDocument(schema, document, visible);
    const operation = chooseOperation(document, operationName);
    requireRoot(schema, operation);
    const read = {
      document,
      operation,
      ...normalise(operation, fragmentsOf(document), defers && operation.operation !== OperationTypeNode.SUBSCRIPTION),
    };
    if (query.length <= CACHED_TEXT) known.set(key, read);
    return read;
  };
}

function fragmentsOf(document: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> {
  const fragments = document.definitions.filter((node) => node.kind === Kind.FRAGMENT_DEFINITION);
  return new Map(fragments.map((fragment) => [fragment.name.value, fragment]));
}

/** No rule of validation looks at it. */
function requireRoot(schema: GraphQLSchema, { operation }: OperationDefinitionNode): void {
  if (!schema.getRootType(operation)) throw rejection('GRAPHQL_VALIDATION_FAILED', `The schema has no ${operation}.`);
}

function chooseOperation(document: DocumentNode, name: string | null | undefined): OperationDefinitionNode {
  const operations = document.definitions.filter((node) => node.kind === Kind.OPERATION_DEFINITION);
  const [first] = operations;
  if (!first) throw rejection('OPERATION_RESOLUTION_FAILURE', 'The document contains no operation.');
  if (name === null || name === undefined || name === '') {
    if (operations.length > 1)
      throw rejection(
        'OPERATION_RESOLUTION_FAILURE',
        'The document has several operations: operationName must choose one.',
      );
    return first;
  }
  const chosen = operations.find((operation) => operation.name?.value === name);
  if (!chosen) throw rejection('OPERATION_RESOLUTION_FAILURE', 'No operation of that name is in the document.');
  return chosen;
}
