import { join } from 'node:path';
import type { Bus } from '../events/bus.ts';
import { catalogTopics } from '../events/catalog.ts';
import { openEmbeddedBus } from '../events/embedded.ts';
import { readClientTls } from '../lib/client-tls.ts';
import { systemClock } from '../lib/clock.ts';
import type { Config } from '../lib/config.ts';
import { AppError } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';

/** Opens the bus as configured, with the catalog's topics in place; a broker's client is loaded only where it is used. */
export async function openBus(config: Config, dataDir: string, logger: Logger): Promise<Bus> {
  const bus = await openAdapter(config, dataDir, logger);
  await bus.ensureTopics(catalogTopics());
  return bus;
}

/** Whether events go over a broker that processes can share. */
export function hasBroker(config: Config): boolean {
  return config.KAFKA_BROKERS !== undefined || config.RABBITMQ_URL !== undefined;
}

async function openAdapter(config: Config, dataDir: string, logger: Logger): Promise<Bus> {
  if (config.KAFKA_BROKERS && config.RABBITMQ_URL)
    throw invalid('RABBITMQ_URL', 'must not be set beside KAFKA_BROKERS: events go over one broker');
  if (config.RABBITMQ_URL) return openRabbitmq(config, config.RABBITMQ_URL, logger);
  if (config.KAFKA_BROKERS) return openKafka(config, config.KAFKA_BROKERS, logger);
  return openEmbeddedBus({ path: join(dataDir, 'bus'), logger });
}

async function openKafka(config: Config, brokers: string[], logger: Logger): Promise<Bus> {
  const { KAFKA_TLS, KAFKA_CA: ca, KAFKA_CERT: cert, KAFKA_KEY: key } = config;
  const tls = KAFKA_TLS === 'on' ? { tls: readClientTls('KAFKA', { ca, cert, key }, systemClock) } : {};
  const { openKafkaBus } = await import('../events/kafka.ts');
  return openKafkaBus({ brokers, clientId: 'tributary', ...tls, ...toSasl(config), logger });
}

async function openRabbitmq(config: Config, url: string, logger: Logger): Promise<Bus> {
  const { RABBITMQ_CA: ca, RABBITMQ_CERT: cert, RABBITMQ_KEY: key } = config;
  const tls = url.startsWith('amqps:') ? { tls: readClientTls('RABBITMQ', { ca, cert, key }, systemClock) } : {};
  const { openRabbitmqBus } = await import('../events/rabbitmq.ts');
  return openRabbitmqBus({ url, clientId: 'tributary', ...tls, logger });
}

function toSasl({ KAFKA_SASL: mechanism, KAFKA_USERNAME, KAFKA_PASSWORD, KAFKA_TLS }: Config) {
  if (mechanism === undefined) return {};
  if (mechanism === 'plain' && KAFKA_TLS !== 'on')
    throw invalid('KAFKA_TLS', 'must be on where KAFKA_SASL is plain: it would send the password readable');
  const username = KAFKA_USERNAME ?? fail('KAFKA_USERNAME');
  const password = KAFKA_PASSWORD ?? fail('KAFKA_PASSWORD');
  return { sasl: { mechanism, username, password } };
}

function fail(variable: string): never {
  throw invalid(variable, 'is required where KAFKA_SASL is set');
}

function invalid(variable: string, what: string): AppError {
  return new AppError('CONFIG_INVALID', `${variable} ${what}.`, { extensions: { variable } });
}
