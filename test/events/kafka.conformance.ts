import { setTimeout as wait } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Bus, BusRecord } from '../../events/bus.ts';
import { type KafkaBusOptions, openKafkaBus } from '../../events/kafka.ts';
import { loadConfig } from '../../lib/config.ts';
import { newUlid } from '../../lib/ids.ts';
import { createAuthority } from '../support/certificates.ts';
import { until } from '../support/until.ts';
import { type BusUnderTest, describeBus } from './bus.contract.ts';
import { type KafkaBroker, missingForKafka, startKafkaBroker } from './kafka-broker.ts';

const WRONG = { mechanism: 'scram-sha-512', username: 'tributary', password: 'not-it' } as const;
const { KAFKA_BROKERS } = loadConfig();
const missing = KAFKA_BROKERS ? null : missingForKafka();

/** The contract on brokers that run already, or on one of our own. */
async function underTest(brokers: readonly string[]): Promise<BusUnderTest> {
  const options = { brokers, clientId: 'contract-suite' };
  const admin = new Kafka({ ...options, brokers: [...brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  return {
    open: () => openKafkaBus(options),
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
}

describe('opening the bus on Kafka', () => {
  it('answers BUS_UNAVAILABLE, within seconds, when no broker listens', async () => {
    await expect(openKafkaBus({ brokers: ['127.0.0.1:1'] })).rejects.toMatchObject({ code: 'BUS_UNAVAILABLE' });
  });
});

if (KAFKA_BROKERS) {
  console.warn('KAFKA OUTAGES AND SECURITY NOT RUN: KAFKA_BROKERS is set, and that cluster is not ours to kill.');
  describeBus('Apache Kafka', () => underTest(KAFKA_BROKERS));
} else if (missing !== null) {
  console.warn(`KAFKA PART NOT RUN: ${missing}, and KAFKA_BROKERS is not set.`);
  describe.skip('the bus contract on Apache Kafka', () => {
    it('is run where a broker is', () => {});
  });
} else {
  describeOwnBroker();
}

function describeOwnBroker(): void {
  let broker: KafkaBroker;
  beforeAll(async () => {
    broker = await startKafkaBroker();
  });
  afterAll(() => broker?.stop());

  describeBus(
    'Apache Kafka',
    async () => ({
      ...(await underTest([broker.at.plain])),
      stopBroker: () => broker.kill(),
      startBroker: () => broker.restart(),
      openWithWrongPassword: () =>
        openKafkaBus({ brokers: [broker.at.sasl], tls: { ca: broker.authority.cert }, sasl: WRONG }),
    }),
    { isServer: true },
  );

  describe('the bus on Apache Kafka', () => {
    let bus: Bus;
    beforeAll(async () => {
      bus = await openKafkaBus({ brokers: [broker.at.plain] });
    });
    afterAll(() => bus.close());

    it('keeps its membership while a handler takes longer than a session lasts', async () => {
      const topic = `t.${newUlid().toLowerCase()}`;
      await bus.ensureTopics([{ name: topic, partitions: 1, retentionMs: 3_600_000 }]);
      const seen: string[] = [];
      const handler = async ({ key }: BusRecord) => {
        seen.push(key);
        if (key === 'slow') await wait(13_000);
      };
      const group = `g-${newUlid()}`;
      const members = await Promise.all([1, 2].map(() => bus.consume({ group, topics: [topic], handler })));
      await bus.publish(
        topic,
        ['slow', 'next'].map((key) => ({ key, value: Buffer.from(''), headers: {} })),
      );
      await until('both are through', () => seen.includes('next'), 30_000);
      expect(seen).toEqual(['slow', 'next']);
      await Promise.all(members.map((member) => member.close()));
    });

    it('tells of a topic that was deleted behind its back, and goes on with the others', async () => {
      const [gone, left] = [`t.${newUlid().toLowerCase()}`, `t.${newUlid().toLowerCase()}`];
      const spec = { partitions: 1, retentionMs: 3_600_000 };
      await bus.ensureTopics([gone, left].map((name) => ({ name, ...spec })));
      const record = { key: 'a', value: Buffer.from(''), headers: {} };
      const got: string[] = [];
      const handler = async ({ topic }: BusRecord) => void got.push(topic);
      const readers = await Promise.all(
        [gone, left].map((topic) => bus.consume({ group: `g-${newUlid()}`, topics: [topic], handler })),
      );
      for (const topic of [gone, left]) await bus.publish(topic, [record]);
      await until('both are read', () => got.length === 2);
      const admin = new Kafka({ brokers: [broker.at.plain], logLevel: logLevel.NOTHING }).admin();
      await admin.connect();
      await admin.deleteTopics({ topics: [gone] });
      await admin.disconnect();
      for (const _ of ['first', 'again'])
        await expect(bus.publish(gone, [record])).rejects.toMatchObject({ code: 'EVENT_INVALID' });
      await bus.publish(left, [record]);
      await until('the other is read', () => got.length === 3);
      await Promise.all(readers.map((reader) => reader.close()));
    });

    it('makes topics with the partitions, the retention and the times that they are asked for with', async () => {
      const name = `t.${newUlid().toLowerCase()}`;
      await bus.ensureTopics([{ name, partitions: 2, retentionMs: 80_000_000, retentionBytes: 80_000_000 }]);
      const admin = new Kafka({ brokers: [broker.at.plain], logLevel: logLevel.NOTHING }).admin();
      await admin.connect();
      const describeTopic = async (topic: string) => {
        const { resources } = await admin.describeConfigs({
          includeSynonyms: false,
          resources: [{ type: 2, name: topic }],
        });
        const set = resources[0]?.configEntries.filter(({ isDefault }) => !isDefault) ?? [];
        return Object.fromEntries(set.map(({ configName, configValue }) => [configName, configValue]));
      };
      expect(await describeTopic(name)).toMatchObject({
        'retention.ms': '80000000',
        'retention.bytes': '80000000',
        'segment.ms': '10000000',
        'segment.bytes': '10000000',
        'message.timestamp.type': 'LogAppendTime',
      });
      expect(await describeTopic(`${name}.dlq`)).toMatchObject({
        'retention.ms': String(30 * 86_400_000),
        'retention.bytes': '160000000',
      });
      expect((await bus.positions([name], 'latest')).length).toBe(2);
      await admin.disconnect();
    });
  });

  describe('a secured Apache Kafka', () => {
    const tributary = { username: 'tributary', password: 'tributary-secret' };
    const open = async (options: KafkaBusOptions) => {
      const bus = await openKafkaBus(options);
      await bus.close();
    };

    it.each(['plain', 'scram-sha-256', 'scram-sha-512'] as const)(
      'takes us by TLS and %s: all of the bus',
      async (mechanism) => {
        const { at, authority } = broker;
        const bus = await openKafkaBus({
          brokers: [at.sasl],
          tls: { ca: authority.cert },
          sasl: { mechanism, ...tributary },
        });
        await worksThrough(bus);
      },
    );

    it('takes us by a certificate of ours', async () => {
      const { cert, key } = await broker.authority.issue();
      await worksThrough(
        await openKafkaBus({ brokers: [broker.at.mutual], tls: { ca: broker.authority.cert, cert, key } }),
      );
    });

    it.concurrent.each<[string, string, () => Promise<KafkaBusOptions>]>([
      [
        'a wrong password',
        'BUS_UNAUTHORIZED',
        async () => ({ brokers: [broker.at.sasl], tls: { ca: broker.authority.cert }, sasl: WRONG }),
      ],
      [
        'an unknown name',
        'BUS_UNAUTHORIZED',
        async () => ({
          brokers: [broker.at.sasl],
          tls: { ca: broker.authority.cert },
          sasl: { mechanism: 'plain', username: 'nobody', password: 'tributary-secret' },
        }),
      ],
      [
        'no certificate of ours',
        'BUS_UNAUTHORIZED',
        async () => ({ brokers: [broker.at.mutual], tls: { ca: broker.authority.cert } }),
      ],
      [
        'a certificate of ours that another authority issued',
        'BUS_UNAUTHORIZED',
        async () => {
          const { cert, key } = await (await createAuthority()).issue();
          return { brokers: [broker.at.mutual], tls: { ca: broker.authority.cert, cert, key } };
        },
      ],
      [
        'a broker whose certificate expired',
        'BUS_UNTRUSTED',
        async () => ({ brokers: [broker.at.expired], tls: { ca: broker.authority.cert } }),
      ],
      [
        'a broker that another authority vouches for',
        'BUS_UNTRUSTED',
        async () => ({ brokers: [broker.at.sasl], tls: { ca: (await createAuthority()).cert } }),
      ],
      ['a broker that we know no authority for', 'BUS_UNTRUSTED', async () => ({ brokers: [broker.at.sasl], tls: {} })],
      ['plain text where TLS is spoken', 'BUS_UNAVAILABLE', async () => ({ brokers: [broker.at.sasl] })],
    ])('answers %s with %s, and does not try for ever', async (_, code, options) => {
      const began = performance.now();
      await expect(open(await options())).rejects.toMatchObject({ code });
      expect(performance.now() - began).toBeLessThan(60_000);
    });
  });
}

/** Publishes and reads as a group and as a tail, then closes. */
async function worksThrough(bus: Bus): Promise<void> {
  const topic = `t.${newUlid().toLowerCase()}`;
  await bus.ensureTopics([{ name: topic, partitions: 1, retentionMs: 3_600_000 }]);
  const got: string[] = [];
  const keep = ({ key }: BusRecord) => void got.push(key);
  await bus.consume({ group: `g-${newUlid()}`, topics: [topic], handler: async (record) => keep(record) });
  await bus.tail({ topics: [topic], from: 'latest', onRecord: keep });
  await bus.publish(topic, [{ key: 'a', value: Buffer.from('1'), headers: {} }]);
  await until('both have it', () => got.length === 2);
  await bus.close();
}
