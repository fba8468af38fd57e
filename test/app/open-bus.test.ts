import { describe, expect, it } from 'vitest';
import { hasBroker, openBus } from '../../app/open-bus.ts';
import { loadConfig } from '../../lib/config.ts';
import { silentLogger } from '../../lib/logger.ts';

const open = (env: Record<string, string>) => openBus(loadConfig(env), '/nonexistent', silentLogger);
const KAFKA = { KAFKA_BROKERS: '127.0.0.1:1' };

describe('opening the configured bus', () => {
  it.each([
    ['both brokers', { ...KAFKA, RABBITMQ_URL: 'amqp://127.0.0.1:1' }, 'RABBITMQ_URL'],
    ['a password sent readable', { ...KAFKA, KAFKA_SASL: 'plain' }, 'KAFKA_TLS'],
    ['a sign-in without a name', { ...KAFKA, KAFKA_SASL: 'scram-sha-512' }, 'KAFKA_USERNAME'],
    ['a name without a password', { ...KAFKA, KAFKA_SASL: 'scram-sha-256', KAFKA_USERNAME: 'me' }, 'KAFKA_PASSWORD'],
    ['authorities that are not there', { ...KAFKA, KAFKA_TLS: 'on', KAFKA_CA: '/nonexistent/ca.pem' }, 'KAFKA_CA'],
    ['a certificate without its key', { RABBITMQ_URL: 'amqps://127.0.0.1:1', RABBITMQ_CERT: 'c.pem' }, 'RABBITMQ_KEY'],
  ])('refuses %s, naming the variable', async (_, env, variable) => {
    await expect(open(env as Record<string, string>)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      extensions: { variable },
    });
  });

  it.each([
    [{}, false],
    [KAFKA, true],
    [{ RABBITMQ_URL: 'amqp://127.0.0.1:1' }, true],
  ])('knows of %j whether processes can share it', (env, expected) => {
    expect(hasBroker(loadConfig(env as Record<string, string>))).toBe(expected);
  });
});
