import type { OperationContext, PreparedOperation } from '../engine.ts';

/** How those who hold on to prepared operations follow a schema that changes. */
export interface SchemaChanges {
  /** Calls back after every swap, once the new schema serves. Returns how to stop that. */
  onSchemaChange(listener: () => void): () => void;
  /**
   * The operation as the present schema prepares it; itself when it was prepared by that. Rejects with OperationRejected when
   * it is no longer valid, with AppError when it cannot be told.
   */
  renew(operation: PreparedOperation, context: OperationContext): Promise<PreparedOperation>;
}
