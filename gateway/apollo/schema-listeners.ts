import type { GraphQLSchema } from 'graphql';
import type { Logger } from '../../lib/logger.ts';

/** What Apollo Server is told of a schema. */
export interface SchemaContext {
  readonly apiSchema: GraphQLSchema;
  readonly coreSupergraphSdl: string;
}

/** Those who want to know of schemas. One that throws is logged and keeps no other from being told. */
export interface SchemaListeners {
  add(listener: (schema: SchemaContext) => void): () => void;
  tell(schema: SchemaContext): void;
}

/** Nobody yet. */
export function createSchemaListeners(logger: Logger): SchemaListeners {
  const listeners = new Set<(schema: SchemaContext) => void>();
  return {
    add(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    tell(schema) {
      for (const listener of listeners) {
        try {
          listener(schema);
        } catch (err) {
          logger.error({ err }, 'A listener to schemas failed; the schema serves all the same.');
        }
      }
    },
  };
}
