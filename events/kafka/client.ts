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

/** How long a call tries before it gives up: about 6 s in all, so that a webhook is answered 503 within its time limit. */
export const RETRY = { initialRetryTime: 100, factor: 0.2, multiplier: 2, maxRetryTime: 3_000, retries: 6 } as const;

/** kafkajs with its log sent to ours. It says at level error what it then recovers from by itself, so that counts as a warning. */
export function createKafkaClient({ brokers, clientId, tls, sasl, logger }: KafkaClientOptions): Kafka {
  return new Kafka({
    clientId,
    brokers: [...brokers],
    ...(tls ? { ssl: tls } : {}),
    ...(sasl ? { sasl: sasl as SASLOptions } : {}),
    connectionTimeout: 3_000,
    requestTimeout: 15_000,
    retry: RETRY,
    logLevel: logLevel.WARN,
    logCreator: () => (entry) => forward(entry, logger),
  });
}

function forward({ namespace, level, log: { message, error, groupId } }: LogEntry, logger: Logger): void {
  const facts = { kafka: namespace, error, groupId };
  if (level <= logLevel.WARN) logger.warn(facts, message);
  else logger.debug(facts, message);
}
