import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { spawnEntry } from '../../app/server-process.ts';
import { type KafkaBroker, missingForKafka, startKafkaBroker } from '../events/kafka-broker.ts';

const missing = missingForKafka();
if (missing) console.warn(`PROCESSES APART NOT RUN: ${missing}`);

describe.skipIf(missing)('npm run demo -- --apart', () => {
  let kafka: KafkaBroker;
  beforeAll(async () => {
    kafka = await startKafkaBroker();
  });
  afterAll(() => kafka?.stop());

  it('tells the whole story on a process per part, over Kafka and one shared store, all of them killed in the middle', {
    timeout: 240_000,
  }, async () => {
    const child = spawnEntry('demo.ts', { KAFKA_BROKERS: kafka.at.plain, LOG_LEVEL: 'error' }, ['--apart']);
    const said = { out: '', errors: '' };
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (said.out += chunk));
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (said.errors += chunk));
    const [status] = await once(child, 'close');
    expect({ status, ...said }).toEqual({
      status: 0,
      out: expect.stringMatching(
        /8 processes ready[\s\S]+Killed, and ready again[\s\S]+All of it happened as told\.\n$/,
      ),
      errors: '',
    });
  });
});

describe('npm run demo -- --apart without a broker', () => {
  it('says which variable to set', async () => {
    const child = spawnEntry('demo.ts', { KAFKA_BROKERS: '', RABBITMQ_URL: '' }, ['--apart']);
    let errors = '';
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (errors += chunk));
    const [status] = await once(child, 'close');
    expect([status, errors]).toEqual([
      1,
      expect.stringMatching(/^CONFIG_INVALID: KAFKA_BROKERS or RABBITMQ_URL must be set/),
    ]);
  });
});
