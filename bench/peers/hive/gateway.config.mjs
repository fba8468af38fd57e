import { unifiedGraphHandler } from '@graphql-hive/router-runtime';

/** Hive Gateway with its Rust planner. In-flight requests are not shared, on neither side: that would hide the work. */
export const gatewayConfig = {
  host: '127.0.0.1',
  port: Number(process.env.PORT),
  supergraph: process.env.SUPERGRAPH,
  unifiedGraphHandler,
  inboundInflightRequestDeduplication: false,
  transportEntries: { '*.http': { options: { deduplicateInflightRequests: false } } },
  logging: 'error',
  reporting: undefined,
  maskedErrors: false,
};
