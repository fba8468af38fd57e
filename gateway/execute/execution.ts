import type { GraphQLSchema } from 'graphql';
import type { OperationContext } from '../engine.ts';
import type { SubgraphTransport } from '../transport/transport.ts';
import type { ErrorLog } from './error-log.ts';
import type { Failures } from './failures.ts';
import type { JsonRecord } from './record.ts';

/** The state of one running operation. */
export interface Execution {
  readonly fullSchema: GraphQLSchema;
  readonly transport: SubgraphTransport;
  readonly context: OperationContext;
  readonly variables: Readonly<Record<string, unknown>>;
  /** What has been fetched, by the response names of the plan. */
  readonly data: JsonRecord;
  readonly log: ErrorLog;
  readonly failures: Failures;
}
