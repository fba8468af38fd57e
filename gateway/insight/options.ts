import type { MeterProvider, TracerProvider } from '@opentelemetry/api';
import type { ExplainMode } from './explain/permission.ts';
import type { OtlpOptions } from './export.ts';
import type { OperationLogOptions } from './operation-log.ts';

/** What is told of a gateway, and to whom. What is absent costs nothing. docs/insight.md describes all of it. */
export interface InsightOptions {
  /** Sends traces and metrics to a collector. @default none */
  readonly otlp?: OtlpOptions;
  /** Traces with this instead; sampling and export are its own. @default the one of `otlp` */
  readonly tracerProvider?: TracerProvider;
  /** Records metrics with this as well. @default none */
  readonly meterProvider?: MeterProvider;
  /** Serves metrics to Prometheus: at a path of the gateway's own port, or at `/metrics` of another. @default none */
  readonly prometheus?: { readonly path: string } | { readonly port: number; readonly host?: string };
  /** The operation names that metrics and spans tell apart; all others are `other`. @default the first 100 that come */
  readonly operationNames?: readonly string[];
  /** Writes a line for each operation. @default none */
  readonly operationLog?: OperationLogOptions;
  /** Who gets explanations: callers with the scope `graph:explain`, everybody, or nobody. @default 'scope' */
  readonly explain?: ExplainMode;
}
