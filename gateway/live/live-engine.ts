import { type ExecutionResult, GraphQLError, type GraphQLSchema } from 'graphql';
import { AppError } from '../../lib/errors.ts';
import type { Identity } from '../../lib/identity.ts';
import { Answer } from '../answer.ts';
import {
  type Engine,
  type GraphQLRequest,
  type OperationContext,
  OperationRejected,
  type PreparedOperation,
} from '../engine.ts';
import type { Generation } from './generation.ts';
import { createGenerations, type Generations, type GenerationsOptions } from './generations.ts';
import { holdUntilAnswered } from './held-answer.ts';
import { NO_SCHEMA, noSchemaYet } from './no-schema.ts';
import { type Origin, originOf, stampOrigin } from './origins.ts';
import type { SchemaChanges } from './schema-changes.ts';
import type { SchemaStatus, SwapOutcome } from './schema-status.ts';

/** An engine whose supergraph can be swapped while it runs. Before the first one it refuses with SCHEMA_UNAVAILABLE. */
export interface LiveEngine extends Engine, SchemaChanges {
  /**
   * Builds an engine for the supergraph while the old one serves, then lets it serve what comes next: operations finish on
   * the engine that prepared them. Swaps take turns, and only the newest that waits is built. Rejects with AppError
   * SUPERGRAPH_INVALID, and the old one goes on serving.
   */
  swap(supergraphSdl: string): Promise<SwapOutcome>;
  /** Puts down that no new schema could be had. */
  reportFailure(error: AppError): void;
  /** Resolves when no swap is under way. */
  settled(): Promise<void>;
  status(): SchemaStatus;
}

class SwappableEngine implements LiveEngine {
  readonly #generations: Generations;

  constructor(generations: Generations) {
    this.#generations = generations;
  }

  get schema(): GraphQLSchema {
    return this.#generations.current?.engine.schema ?? NO_SCHEMA;
  }

  get supergraphSdl(): string {
    return this.#generations.current?.engine.supergraphSdl ?? '';
  }

  async prepare(
    request: GraphQLRequest,
    identity: Identity | null,
    context?: OperationContext,
  ): Promise<PreparedOperation> {
    const generation = this.#generations.current;
    if (!generation) throw noSchemaYet();
    const release = generation.hold();
    try {
      const operation = await generation.engine.prepare(request, identity, context);
      stampOrigin(operation, { generation, request });
      return operation;
    } catch (error) {
      // Planning was cut off because the schema's time was over: the operation is not at fault.
      if (generation.isClosed && this.#generations.current !== generation)
        return this.prepare(request, identity, context);
      throw error;
    } finally {
      release();
    }
  }

  sdlFor(identity: Identity | null): string {
    const generation = this.#generations.current;
    if (!generation) throw noSchemaYet();
    return generation.engine.sdlFor(identity);
  }

  async execute(operation: PreparedOperation, context: OperationContext): Promise<Answer> {
    try {
      const [generation, renewed] = await this.#placeOf(operation, context);
      const release = generation.hold();
      return holdUntilAnswered(await generation.engine.execute(renewed, context), release);
    } catch (error) {
      return Answer.ofResult(toResult(error));
    }
  }

  async executeEvent(
    operation: PreparedOperation,
    payload: Readonly<Record<string, unknown>>,
    context: OperationContext,
  ): Promise<ExecutionResult> {
    try {
      const [generation, renewed] = await this.#placeOf(operation, context);
      const release = generation.hold();
      return await generation.engine.executeEvent(renewed, payload, context).finally(release);
    } catch (error) {
      return toResult(error);
    }
  }

  async renew(operation: PreparedOperation, context: OperationContext): Promise<PreparedOperation> {
    const origin = knownOriginOf(operation);
    return origin.generation === this.#generations.current
      ? operation
      : this.prepare(origin.request, context.identity, context);
  }

  onSchemaChange(listener: () => void): () => void {
    return this.#generations.onChange(listener);
  }

  swap(supergraphSdl: string): Promise<SwapOutcome> {
    return this.#generations.swap(supergraphSdl);
  }

  reportFailure(error: AppError): void {
    this.#generations.reportFailure(error);
  }

  settled(): Promise<void> {
    return this.#generations.settled();
  }

  status(): SchemaStatus {
    return this.#generations.status();
  }

  close(): Promise<void> {
    return this.#generations.close();
  }

  /** Where an operation runs: on the engine that prepared it, or anew on the present one when that is gone. */
  async #placeOf(
    operation: PreparedOperation,
    context: OperationContext,
  ): Promise<readonly [Generation, PreparedOperation]> {
    const origin = knownOriginOf(operation);
    if (!origin.generation.isClosed) return [origin.generation, operation];
    const renewed = await this.renew(operation, context);
    return [knownOriginOf(renewed).generation, renewed];
  }
}

function knownOriginOf(operation: PreparedOperation): Origin {
  const origin = originOf(operation);
  if (!origin) throw new AppError('INTERNAL', 'The operation was not prepared by this engine.');
  return origin;
}

/** The operation is valid no longer, and its own schema is gone: an answer like any other. Whatever else happened is a fault. */
function toResult(error: unknown): ExecutionResult {
  if (!(error instanceof OperationRejected)) throw error;
  return { errors: error.errors.map(({ message, ...rest }) => new GraphQLError(message, rest)) };
}

/** A live engine without a schema yet: the first `swap` gives it one. */
export function createLiveEngine(options: GenerationsOptions): LiveEngine {
  return new SwappableEngine(createGenerations(options));
}
