import type { GraphQLSchema } from 'graphql';
import type { OperationContext } from '../engine.ts';
import type { SubgraphTransport } from '../transport/transport.ts';
import type { CompiledRequest } from './compile-request.ts';
import type { ErrorLog } from './error-log.ts';
import type { Failures } from './failures.ts';
import type { FetchedReply } from './fast-path.ts';
import type { JsonRecord } from './record.ts';
import type { ScheduledRequest } from './schedule.ts';

/** The state of one running operation. */
export interface Execution {
  readonly fullSchema: GraphQLSchema;
  readonly transport: SubgraphTransport;
  readonly compile: (request: ScheduledRequest) => CompiledRequest;
  readonly context: OperationContext;
  readonly variables: Readonly<Record<string, unknown>>;
  /** What has been fetched, by the response names of the plan. Objects of subgraphs' responses are taken over into it. */
  readonly data: JsonRecord;
  /** Replies that somebody has fetched already, by the index of their request. */
  readonly replies: ReadonlyMap<number, FetchedReply>;
  readonly log: ErrorLog;
  readonly failures: Failures;
}
