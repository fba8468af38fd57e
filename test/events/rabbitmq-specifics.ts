import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BusRecord, OutgoingRecord } from '../../events/bus.ts';
import { Link } from '../../events/rabbitmq/link.ts';
import { logName, turnName } from '../../events/rabbitmq/names.ts';
import { StreamReader } from '../../events/rabbitmq/stream-reader.ts';
import { openRabbitmqBus, type RabbitmqBus } from '../../events/rabbitmq.ts';
import { newUlid } from '../../lib/ids.ts';
import { silentLogger } from '../../lib/logger.ts';
import { until } from '../support/until.ts';
import type { RabbitmqBroker } from './rabbitmq-broker.ts';

/** Longest that a publish may take while the broker does not answer: a webhook waits for it. */
const REFUSAL_MS = 15_000;

const record = (key: string, value: string | Buffer, headers: Record<string, string> = {}): OutgoingRecord => ({
  key,
  value: Buffer.from(value),
  headers,
});

/** What is RabbitMQ's own: TLS, rights, a broker that stands still, what AMQP cannot carry as it is, and its pace. */
export function describeRabbitmq(broker: () => RabbitmqBroker): void {
  describe('the bus on RabbitMQ', () => {
    let bus: RabbitmqBus;
    beforeAll(async () => {
      bus = await openRabbitmqBus({ url: broker().url });
    });
    afterAll(() => bus.close());

    async function makeTopic(partitions = 1): Promise<string> {
      const topic = `t.${newUlid().toLowerCase()}`;
      await bus.ensureTopics([{ name: topic, partitions, retentionMs: 3_600_000 }]);
      return topic;
    }
    async function readAll(topic: string, count: number): Promise<BusRecord[]> {
      const got: BusRecord[] = [];
      const from = await bus.positions([topic], 'earliest');
      const tail = await bus.tail({ topics: [topic], from, onRecord: (one) => void got.push(one) });
      await until(`${count} records of ${topic}`, () => got.length >= count, 60_000);
      await tail.close();
      return got;
    }

    describe('opening', () => {
      it('speaks TLS with a broker whom our authority vouches for', async () => {
        const topic = await makeTopic();
        const secure = await openRabbitmqBus({ url: broker().tlsUrl, tls: { ca: broker().authority.cert } });
        await secure.publish(topic, [record('a', 'over TLS')]);
        await secure.close();
        expect((await readAll(topic, 1)).map(({ value }) => String(value))).toEqual(['over TLS']);
      });

      it('shows a certificate of its own', async () => {
        const { authority, tlsUrl } = broker();
        const { cert, key } = await authority.issue({ name: 'client' });
        const secure = await openRabbitmqBus({ url: tlsUrl, tls: { ca: authority.cert, cert, key } });
        await secure.close();
      });

      it.each([
        ['a broker nobody vouches for', () => broker().tlsUrl, 'BUS_UNTRUSTED'],
        ['a wrong password', () => broker().wrongUrl, 'BUS_UNAUTHORIZED'],
        ['a virtual host that is not there', () => `${broker().url}/nowhere`, 'BUS_UNAUTHORIZED'],
        ['a port where nobody listens', () => 'amqp://127.0.0.1:1', 'BUS_UNAVAILABLE'],
      ])('refuses %s with a code', async (_, url, code) => {
        const began = performance.now();
        await expect(openRabbitmqBus({ url: url() })).rejects.toMatchObject({ code });
        expect(performance.now() - began).toBeLessThan(REFUSAL_MS);
      });
    });

    it.each([
      ['a key longer than AMQP’s properties', record('k'.repeat(300_000), 'v', { ce_id: '1' })],
      ['headers that fill many frames', record('a', 'v', { note: 'ü'.repeat(200_000) })],
      ['names that are the broker’s or no names at all', record('a', 'v', { 'x-stream-offset': 'mine', 'a b/ü': '1' })],
      ['a record at the limit', record('', Buffer.alloc(999_000, 7), { ce_id: '1' })],
    ])('carries %s', async (_, wanted) => {
      const topic = await makeTopic();
      await bus.publish(topic, [wanted, record('next', 'after')]);
      const [got, after] = await readAll(topic, 2);
      expect([got?.key, got?.headers, Buffer.compare(Buffer.from(got!.value), Buffer.from(wanted.value))]).toEqual([
        wanted.key,
        wanted.headers,
        0,
      ]);
      expect(after?.key).toBe('next');
    });

    it('makes a topic once, though many processes ask for it at the same moment', async () => {
      const name = `t.${newUlid().toLowerCase()}`;
      const others = await Promise.all([1, 2, 3].map(() => openRabbitmqBus({ url: broker().url })));
      await Promise.all(others.map((other) => other.ensureTopics([{ name, partitions: 2, retentionMs: 3_600_000 }])));
      await Promise.all(others.map((other, index) => other.publish(name, [record('a', String(index))])));
      expect((await bus.positions([name], 'latest')).reduce((sum, { offset }) => sum + offset, 0)).toBe(3);
      await Promise.all(others.map((other) => other.close()));
    });

    it('keeps the order of a key that two processes write, each its own', async () => {
      const topic = await makeTopic();
      const other = await openRabbitmqBus({ url: broker().url });
      const write = async (name: string, via: RabbitmqBus) => {
        for (let round = 0; round < 20; round += 1)
          await Promise.all(
            [0, 1, 2].map((index) => via.publish(topic, [record('a', `${name}-${round * 3 + index}`)])),
          );
      };
      await Promise.all([write('x', bus), write('y', other)]);
      const values = (await readAll(topic, 120)).map(({ value }) => String(value));
      for (const name of ['x', 'y'])
        expect(values.filter((value) => value.startsWith(name))).toEqual(
          Array.from({ length: 60 }, (_, index) => `${name}-${index}`),
        );
      await other.close();
    });

    it('parks a reading that nobody takes from, and goes on with the next record', async () => {
      const topic = await makeTopic();
      const count = 200;
      for (let round = 0; round < count; round += 50)
        await bus.publish(
          topic,
          Array.from({ length: 50 }, (_, index) => record('a', String(round + index))),
        );
      const link = new Link({ url: broker().url, name: 'parking', logger: silentLogger });
      const channel = await link.channel();
      const stream = logName({ topic, partition: 0 });
      const reader = await StreamReader.open({ channel, stream, from: 1, holdMs: 100 });
      const signal = AbortSignal.timeout(30_000);
      const got: string[] = [];
      for (let message = await reader.next(signal); message; message = await reader.next(signal)) {
        got.push(String(message.content));
        if (got.length % 40 === 0) await wait(300);
        if (got.length === count) break;
      }
      expect(got).toEqual(Array.from({ length: count }, (_, index) => String(index)));
      await link.close();
    });

    it('makes a queue of turns again that somebody removed, and reads on', async () => {
      const topic = await makeTopic();
      const group = `g-${newUlid()}`;
      const got: string[] = [];
      const handler = async ({ value }: BusRecord) => void got.push(String(value));
      const consumer = await bus.consume({ group, topics: [topic], handler });
      await bus.publish(topic, [record('a', '0')]);
      await until('it is committed', async () => (await bus.lag(group, [topic])).every(({ behind }) => behind === 0));
      broker().control('delete_queue', turnName(group, { topic, partition: 0 }));
      await bus.publish(topic, [record('a', '1')]);
      await until('the member reads on', () => got.includes('1'), 30_000);
      expect(got).toEqual(['0', '1']);
      await consumer.close();
    });

    it('puts a turn back that was lost', async () => {
      const topic = await makeTopic();
      const group = `g-${newUlid()}`;
      const got: string[] = [];
      const handler = async ({ value }: BusRecord) => void got.push(String(value));
      await (await bus.consume({ group, topics: [topic], handler })).close();
      broker().control('purge_queue', turnName(group, { topic, partition: 0 }));
      const consumer = await bus.consume({ group, topics: [topic], handler });
      await bus.publish(topic, [record('a', '0')]);
      await until('the member reads', () => got.length > 0, 30_000);
      await consumer.close();
    });

    it('tells a publisher of a topic that was removed', async () => {
      const topic = await makeTopic();
      await bus.publish(topic, [record('a', '1')]);
      broker().control('delete_queue', `tributary.topic.${topic}/0`);
      broker().control(
        'eval',
        `rabbit_exchange:delete(rabbit_misc:r(<<"/">>, exchange, <<"tributary.topic.${topic}">>), false, <<"test">>).`,
      );
      await until('the broker is believed', async () =>
        bus.publish(topic, [record('a', '2')]).then(
          () => false,
          ({ code }) => code === 'EVENT_INVALID',
        ),
      );
    });

    it('refuses what a broker short of memory does not take, and goes on once it does', async () => {
      const topic = await makeTopic();
      await bus.publish(topic, [record('a', '0')]);
      broker().control('set_vm_memory_high_watermark', '0.00001');
      const began = performance.now();
      await expect(bus.publish(topic, [record('a', '1')])).rejects.toMatchObject({ code: 'BUS_UNAVAILABLE' });
      expect(performance.now() - began).toBeLessThan(REFUSAL_MS);
      expect((await readAll(topic, 1)).map(({ value }) => String(value))).toContain('0');
      broker().control('set_vm_memory_high_watermark', '0.4');
      await until(
        'it takes records again',
        () => bus.publish(topic, [record('a', '2')]).then(Boolean, () => false),
        30_000,
      );
    });

    it('gives up a broker that stands still, and goes on when it does', async () => {
      const topic = await makeTopic();
      const seen: string[] = [];
      const tail = await bus.tail({
        topics: [topic],
        from: 'latest',
        onRecord: ({ value }) => void seen.push(String(value)),
      });
      await bus.publish(topic, [record('a', '0')]);
      await broker().signal('SIGSTOP');
      const began = performance.now();
      try {
        await expect(bus.publish(topic, [record('a', '1')])).rejects.toMatchObject({ code: 'BUS_UNAVAILABLE' });
        expect(performance.now() - began).toBeLessThan(REFUSAL_MS);
      } finally {
        await broker().signal('SIGCONT');
      }
      await until(
        'it takes records again',
        () => bus.publish(topic, [record('a', '2')]).then(Boolean, () => false),
        30_000,
      );
      await until('the tail goes on', () => seen.includes('2'), 60_000);
      await tail.close();
    });

    it('writes and reads at a pace', async () => {
      const topic = await makeTopic(4);
      const [batches, perBatch] = [20, 500];
      const value = Buffer.alloc(512, 'x');
      const batch = Array.from({ length: perBatch }, (_, index) =>
        record(`k${index % 50}`, value, { ce_id: newUlid() }),
      );
      const published = await rate(batches * perBatch, async () => {
        for (let round = 0; round < batches; round += 1) await bus.publish(topic, batch);
      });
      const singles = await rate(2_000, async () => {
        const worker = async (key: string) => {
          for (let round = 0; round < 20; round += 1) await bus.publish(topic, [record(key, value)]);
        };
        await Promise.all(Array.from({ length: 100 }, (_, index) => worker(`k${index}`)));
      });
      const total = batches * perBatch + 2_000;
      const group = `g-${newUlid()}`;
      let got = 0;
      const handler = async () => {
        got += 1;
      };
      // A new group takes a second, once.
      await (await bus.consume({ group, topics: [topic], from: 'earliest', handler })).close();
      await bus.reset(group, await bus.positions([topic], 'earliest'));
      got = 0;
      const began = performance.now();
      const consumer = await bus.consume({ group, topics: [topic], handler });
      await until('all arrived', () => got >= total, 60_000);
      const consumed = Math.round((total * 1_000) / (performance.now() - began));
      await consumer.close();
      const alone = await rate(50, async () => {
        for (let round = 0; round < 50; round += 1) await bus.publish(topic, [record('one', value)]);
      });
      console.log(
        `RabbitMQ, 512 bytes, 4 partitions, records/s: published ${published} in batches of 500, ${singles} singly by 100, ${alone} one after the other; consumed and committed ${consumed}`,
      );
      expect(got).toBe(total);
    });
  });
}

async function rate(count: number, run: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await run();
  return Math.round((count * 1_000) / (performance.now() - began));
}
