import { Kafka, logLevel } from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { openKafkaBus } from '../../events/kafka.ts';
import { loadConfig } from '../../lib/config.ts';
import { describeBus } from './bus.contract.ts';

describe('opening the bus on Kafka', () => {
  it('answers BUS_UNAVAILABLE, within seconds, when no broker listens', async () => {
    await expect(openKafkaBus({ brokers: ['127.0.0.1:1'] })).rejects.toMatchObject({ code: 'BUS_UNAVAILABLE' });
  });
});

const { KAFKA_BROKERS: brokers } = loadConfig();

if (brokers) {
  describeBus('Apache Kafka', async () => {
    const admin = new Kafka({ brokers, clientId: 'contract-suite', logLevel: logLevel.ERROR }).admin();
    await admin.connect();
    return {
      open: () => openKafkaBus({ brokers, clientId: 'contract-suite' }),
      elsewhere: {
        module: new URL('../../events/kafka.ts', import.meta.url).href,
        open: 'openKafkaBus',
        options: { brokers, clientId: 'member-elsewhere' },
      },
      expire: async (_, topic) => {
        const ends = await admin.fetchTopicOffsets(topic);
        const partitions = ends.map(({ partition, high }) => ({ partition, offset: high }));
        await admin.deleteTopicRecords({ topic, partitions });
      },
      stop: () => admin.disconnect(),
    };
  });
} else {
  console.warn('KAFKA PART NOT RUN: KAFKA_BROKERS is not set. `.ci/kafka.sh FOLDER PORT` starts a broker for it.');
  describe.skip('the bus contract on Apache Kafka (set KAFKA_BROKERS)', () => {
    it('is run when KAFKA_BROKERS is set', () => {});
  });
}
