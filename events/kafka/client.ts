import { Kafka, type LogEntry, logLevel, type SASLOptions } from 'kafkajs';
import type { ClientTls } from '../../lib/client-tls.ts';
import type { Logger } from '../../lib/logger.ts';

/** How a client signs in: SASL (RFC 4422) by a name and a password. */
export interface KafkaSasl {
  readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
  readonly username: string;
  readonly password: string;
}

/** How to reach the brokers. */
export interface KafkaClientOptions {
  /** `host:port` of some of the cluster's brokers. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  /** Absent: plain text. */
  readonly tls?: ClientTls | undefined;
  /** Absent: nobody signs in. */
  readonly sasl?: KafkaSasl | undefined;
  readonly logger: Logger;
}

/** How long all brokers are tried for a connection, each time one is needed: about 2.5 s. */
const CONNECT_RETRY = { initialRetryTime: 100, factor: 0.2, multiplier: 2, maxRetryTime: 1_000, retries: 5 } as const;
/** How long a request is tried, connections included: about 5 s when nobody listens, so that a webhook is answered 503 within its time limit. */
export const REQUEST_RETRY = { ...CONNECT_RETRY, maxRetryTime: 1_500, retries: 5 } as const;

/** kafkajs with its log sent to ours. It says at level error what it then recovers from by itself, so that counts as a warning. */
export function createKafkaClient({ brokers, clientId, tls, sasl, logger }: KafkaClientOptions): Kafka {
  return new Kafka({
    clientId,
    brokers: [...brokers],
    ...(tls ? { ssl: tls } : {}),
    ...(sasl ? { sasl: sasl as SASLOptions } : {}),
    connectionTimeout: 3_000,
    requestTimeout: 15_000,
    retry: CONNECT_RETRY,
    logLevel: logLevel.WARN,
    logCreator: () => (entry) => forward(entry, logger),
  });
}

/** Parts of kafkajs that tell of each try; whoever tries tells of the end. */
const CHATTY = new Set(['Connection', 'BrokerPool', 'Cluster']);
/** What it says of every producer whose retries have an end. Ours is discarded when they end: see `KafkaProducer`. */
const LIMITED_RETRIES = /^Limiting retries for the idempotent producer/;

function forward({ namespace, level, log: { message, error, groupId } }: LogEntry, logger: Logger): void {
  const facts = { kafka: namespace, error, groupId };
  const isWarning = level <= logLevel.WARN && !CHATTY.has(namespace) && !LIMITED_RETRIES.test(message);
  if (isWarning) logger.warn(facts, message);
  else logger.debug(facts, message);
}
