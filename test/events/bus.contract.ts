import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Bus, BusRecord, ConsumeOptions, OutgoingRecord, TopicSpec } from '../../events/bus.ts';
import { DEAD_LETTER_HEADERS, deadLetterTopic } from '../../events/bus.ts';
import { MAX_RECORD_BYTES } from '../../events/record-limits.ts';
import { AppError } from '../../lib/errors.ts';
import { newUlid } from '../../lib/ids.ts';
import { until } from '../support/until.ts';

/** One implementation of the bus, as the suite drives it. */
export interface BusUnderTest {
  /** Opens a bus on the same log as the time before. The suite closes it before it opens the next. */
  open(): Promise<Bus>;
  /** Lets go of all records of a topic that are there now. */
  expire(bus: Bus, topic: string): Promise<void>;
  stop(): Promise<void>;
}

const PARTITIONS = 3;
const text = (record: { value: Uint8Array }) => Buffer.from(record.value).toString();
const keyed = (key: string, value: string): OutgoingRecord => ({ key, value: Buffer.from(value), headers: {} });
const series = (key: string, from: number, count: number) =>
  Array.from({ length: count }, (_, index) => keyed(key, `${key}-${from + index}`));
/** Values per key in the order they came. */
function byKey(records: readonly BusRecord[]): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (const record of records) found[record.key] = [...(found[record.key] ?? []), text(record)];
  return found;
}

/** What every adapter promises; run on each of them. */
export function describeBus(name: string, start: () => Promise<BusUnderTest>): void {
  describe(`the bus contract on ${name}`, () => {
    let under: BusUnderTest;
    let bus: Bus;

    beforeAll(async () => {
      under = await start();
      bus = await under.open();
    });
    afterAll(async () => {
      await bus.close();
      await under.stop();
    });

    async function makeTopic(spec: Partial<TopicSpec> = {}): Promise<string> {
      const topic = `t.${newUlid().toLowerCase()}`;
      await bus.ensureTopics([{ name: topic, partitions: PARTITIONS, retentionMs: 3_600_000, ...spec }]);
      return topic;
    }
    const makeGroup = () => `g-${newUlid()}`;
    /** A consumer that keeps what it gets. */
    async function collect(topic: string, options: Partial<ConsumeOptions> = {}) {
      const got: BusRecord[] = [];
      const handler = async (record: BusRecord) => void got.push(record);
      const consumer = await bus.consume({ group: makeGroup(), topics: [topic], handler, ...options });
      return { got, close: () => consumer.close() };
    }
    async function readAll(topic: string, count: number): Promise<BusRecord[]> {
      const got: BusRecord[] = [];
      const from = await bus.positions([topic], 'earliest');
      const tail = await bus.tail({ topics: [topic], from, onRecord: (record) => void got.push(record) });
      await until(`${count} records of ${topic}`, () => got.length >= count);
      await tail.close();
      return got;
    }

    describe('publishing', () => {
      it('answers the place of each record, in order, rising within a partition', async () => {
        const topic = await makeTopic();
        const places = await bus.publish(topic, [...series('a', 0, 3), ...series('b', 0, 2)]);
        expect(places).toHaveLength(5);
        const [one, two, three] = places as [(typeof places)[0], (typeof places)[0], (typeof places)[0]];
        expect(new Set([one.partition, two.partition, three.partition]).size).toBe(1);
        expect(one.offset < two.offset && two.offset < three.offset).toBe(true);
        const read = await readAll(topic, 5);
        expect(read.map(({ partition, offset }) => `${partition}/${offset}`).sort()).toEqual(
          places.map(({ partition, offset }) => `${partition}/${offset}`).sort(),
        );
      });

      it('keeps key, bytes and headers as they are, and stamps the time', async () => {
        const topic = await makeTopic({ partitions: 1 });
        const before = Date.now();
        const value = Uint8Array.from([0, 255, 128, 10, 13, 0]);
        await bus.publish(topic, [
          { key: 'ключ/€', value, headers: { ce_id: '1', note: 'ünï ✓' } },
          { key: 'empty', value: new Uint8Array(), headers: {} },
        ]);
        const [first, second] = await readAll(topic, 2);
        expect({ ...first, value: [...(first?.value ?? [])] }).toMatchObject({
          topic,
          partition: 0,
          key: 'ключ/€',
          value: [...value],
          headers: { ce_id: '1', note: 'ünï ✓' },
        });
        expect(first?.timestamp).toBeGreaterThanOrEqual(before - 2_000);
        expect(first?.timestamp).toBeLessThanOrEqual(Date.now() + 2_000);
        expect([second?.key, second?.value.byteLength, second?.headers]).toEqual(['empty', 0, {}]);
      });

      it('keeps one key in one partition and spreads many keys over all', async () => {
        const topic = await makeTopic();
        const keys = Array.from({ length: 60 }, (_, index) => `key-${index}`);
        const first = await bus.publish(
          topic,
          keys.map((key) => keyed(key, '1')),
        );
        const again = await bus.publish(
          topic,
          keys.map((key) => keyed(key, '2')),
        );
        expect(again.map(({ partition }) => partition)).toEqual(first.map(({ partition }) => partition));
        expect(new Set(first.map(({ partition }) => partition)).size).toBe(PARTITIONS);
      });

      it('keeps the order per key of calls that overlap', async () => {
        const topic = await makeTopic();
        const sends = Array.from({ length: 120 }, (_, index) => bus.publish(topic, series(`k${index % 7}`, index, 1)));
        await Promise.all(sends);
        const found = byKey(await readAll(topic, 120));
        for (const [key, values] of Object.entries(found)) {
          const numbers = values.map((value) => Number(value.slice(key.length + 1)));
          expect(numbers).toEqual([...numbers].sort((one, other) => one - other));
        }
      });

      it('takes a batch that is larger than one request', async () => {
        const topic = await makeTopic();
        const big = Array.from({ length: 12 }, (_, index) => keyed(`k${index}`, 'x'.repeat(300_000)));
        await bus.publish(topic, big);
        expect(await readAll(topic, 12)).toHaveLength(12);
      });

      it('answers an empty batch with nothing', async () => {
        expect(await bus.publish(await makeTopic(), [])).toEqual([]);
      });

      it('refuses a record over the limit, and writes nothing of its batch', async () => {
        const topic = await makeTopic({ partitions: 1 });
        const batch = [keyed('a', 'small'), keyed('a', 'x'.repeat(MAX_RECORD_BYTES + 1))];
        await expect(bus.publish(topic, batch)).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
        expect(await bus.positions([topic], 'latest')).toEqual([{ topic, partition: 0, offset: 0 }]);
      });

      it('refuses a topic that nobody made, in every call', async () => {
        const refusal = { code: 'EVENT_INVALID' };
        const nowhere = 't.nowhere';
        await expect(bus.publish(nowhere, [keyed('a', '1')])).rejects.toMatchObject(refusal);
        await expect(bus.tail({ topics: [nowhere], from: 'latest', onRecord: () => {} })).rejects.toMatchObject(
          refusal,
        );
        await expect(collect(nowhere)).rejects.toMatchObject(refusal);
        await expect(bus.positions([nowhere], 'latest')).rejects.toMatchObject(refusal);
        await expect(bus.lag('g', [nowhere])).rejects.toMatchObject(refusal);
      });

      it('refuses a topic name that a broker would not take', async () => {
        const spec = { name: 'Not A Topic', partitions: 1, retentionMs: 1_000 };
        await expect(bus.ensureTopics([spec])).rejects.toMatchObject({ code: 'EVENT_INVALID' });
      });

      it('leaves a topic as it is when it is asked for again', async () => {
        const topic = await makeTopic({ partitions: 2 });
        await bus.publish(topic, series('a', 0, 2));
        await bus.ensureTopics([{ name: topic, partitions: 9, retentionMs: 1 }]);
        expect(await bus.positions([topic], 'latest')).toHaveLength(2);
        expect(await readAll(topic, 2)).toHaveLength(2);
      });
    });

    describe('groups', () => {
      it('brings every record to every group, in order per key', async () => {
        const topic = await makeTopic();
        const [one, two] = await Promise.all([collect(topic), collect(topic)]);
        for (let round = 0; round < 5; round += 1)
          await bus.publish(topic, [...series('a', round * 4, 4), ...series('b', round * 4, 4)]);
        await until('both groups have all', () => one.got.length >= 40 && two.got.length >= 40);
        for (const { got } of [one, two])
          expect(byKey(got)).toEqual({
            a: series('a', 0, 20).map(text),
            b: series('b', 0, 20).map(text),
          });
        await Promise.all([one.close(), two.close()]);
      });

      it('shares the partitions among the members of a group, each record reaching one of them', async () => {
        const topic = await makeTopic({ partitions: 4 });
        const group = makeGroup();
        const one = await collect(topic, { group });
        const two = await collect(topic, { group });
        const places = async () => [...one.got, ...two.got].length;
        // Members of a broker's group may still be settling: records go out until both have had some.
        await until('both members read', async () => {
          await bus.publish(
            topic,
            Array.from({ length: 20 }, (_, index) => keyed(`k${index}`, newUlid())),
          );
          await wait(50);
          return one.got.length > 0 && two.got.length > 0;
        });
        const total = (await bus.positions([topic], 'latest')).reduce((sum, { offset }) => sum + offset, 0);
        await until('all arrived', async () => (await places()) >= total);
        const settled = [one.got, two.got].map((got) => new Set(got.slice(-5).map(({ partition }) => partition)));
        expect([...settled[0]!].filter((partition) => settled[1]!.has(partition))).toEqual([]);
        expect(new Set([...one.got, ...two.got].map(text)).size).toBe(total);
        await Promise.all([one.close(), two.close()]);
      });

      it('hands a leaving member’s partitions to those that stay', async () => {
        const topic = await makeTopic({ partitions: 4 });
        const group = makeGroup();
        const one = await collect(topic, { group });
        const two = await collect(topic, { group });
        await two.close();
        const before = two.got.length;
        await bus.publish(
          topic,
          Array.from({ length: 40 }, (_, index) => keyed(`k${index}`, String(index))),
        );
        await until('the one that stays has all', () => new Set(one.got.map(text)).size >= 40);
        expect(two.got).toHaveLength(before);
        await one.close();
      });

      it('loses nothing and keeps the order per key while members come and go', async () => {
        const topic = await makeTopic({ partitions: 4 });
        const group = makeGroup();
        const got: BusRecord[] = [];
        const handler = async (record: BusRecord) => {
          await wait(1);
          got.push(record);
        };
        const first = await bus.consume({ group, topics: [topic], handler });
        const sending = (async () => {
          for (let round = 0; round < 30; round += 1) {
            await bus.publish(
              topic,
              ['a', 'b', 'c', 'd', 'e'].flatMap((key) => series(key, round * 2, 2)),
            );
            await wait(10);
          }
        })();
        const second = await bus.consume({ group, topics: [topic], handler });
        const third = await bus.consume({ group, topics: [topic], handler });
        await first.close();
        await second.close();
        await sending;
        await until('all records arrived', () => new Set(got.map(text)).size >= 300, 30_000);
        await third.close();
        // At least once: a record may come twice, but the first time it comes in its order.
        for (const [key, values] of Object.entries(byKey(got)))
          expect([...new Set(values)]).toEqual(series(key, 0, 60).map(text));
      });

      it('begins at the first record kept, or at the end', async () => {
        const topic = await makeTopic();
        await bus.publish(topic, series('a', 0, 3));
        const early = await collect(topic, { from: 'earliest' });
        const late = await collect(topic, { from: 'latest' });
        await bus.publish(topic, series('a', 3, 2));
        await until('both have theirs', () => early.got.length >= 5 && late.got.length >= 2);
        expect([early.got.map(text), late.got.map(text)]).toEqual([
          series('a', 0, 5).map(text),
          series('a', 3, 2).map(text),
        ]);
        await Promise.all([early.close(), late.close()]);
      });

      it('remembers a beginning at the end, though nothing was ever committed', async () => {
        const topic = await makeTopic();
        await bus.publish(topic, series('a', 0, 2));
        const group = makeGroup();
        await (await collect(topic, { group, from: 'latest' })).close();
        await bus.publish(topic, series('a', 2, 2));
        const again = await collect(topic, { group, from: 'latest' });
        await until('what came meanwhile arrived', () => again.got.length >= 2);
        expect(again.got.map(text)).toEqual(['a-2', 'a-3']);
        await again.close();
      });

      it('works on one record of a partition at a time, however slow the handler', async () => {
        const topic = await makeTopic({ partitions: 2 });
        const running = new Map<number, number>();
        let most = 0;
        let done = 0;
        const handler = async ({ partition }: BusRecord) => {
          running.set(partition, (running.get(partition) ?? 0) + 1);
          most = Math.max(most, running.get(partition)!);
          await wait(3);
          running.set(partition, running.get(partition)! - 1);
          done += 1;
        };
        await bus.publish(
          topic,
          Array.from({ length: 60 }, (_, index) => keyed(`k${index}`, 'x')),
        );
        const slow = await collect(topic, { handler });
        await until('the slow one is through', () => done >= 60);
        expect(most).toBe(1);
        await slow.close();
      });

      it('goes on after the committed record when the bus is opened again', async () => {
        const topic = await makeTopic();
        const group = makeGroup();
        await bus.publish(topic, series('a', 0, 3));
        const before = await collect(topic, { group });
        await until('three arrived', () => before.got.length >= 3);
        await before.close();
        await bus.close();
        bus = await under.open();
        await bus.publish(topic, series('a', 3, 2));
        const after = await collect(topic, { group });
        await until('two arrived', () => after.got.length >= 2);
        expect(after.got.map(text)).toEqual(['a-3', 'a-4']);
        await after.close();
      });
    });

    describe('failing handlers', () => {
      it('tries again, counting, and lets nothing of the key overtake', async () => {
        const topic = await makeTopic();
        const seen: string[] = [];
        const flaky = await collect(topic, {
          handler: async (record, { attempt }) => {
            seen.push(`${text(record)}#${attempt}`);
            if (text(record) === 'a-1' && attempt < 3) throw new Error('not yet');
          },
        });
        await bus.publish(topic, series('a', 0, 3));
        await until('all three are through', () => seen.includes('a-2#1'));
        expect(seen).toEqual(['a-0#1', 'a-1#1', 'a-1#2', 'a-1#3', 'a-2#1']);
        await flaky.close();
      });

      it('dead-letters a poison record after its attempts, as it was and with the reason, and goes on', async () => {
        const topic = await makeTopic();
        const group = makeGroup();
        const done: string[] = [];
        const consumer = await collect(topic, {
          group,
          maxAttempts: 3,
          handler: async (record) => {
            if (record.headers['poison']) throw new TypeError('cannot digest');
            done.push(text(record));
          },
        });
        const bytes = Uint8Array.from([1, 0, 254]);
        const [place] = await bus.publish(topic, [
          { key: 'a', value: bytes, headers: { poison: 'yes', ce_id: 'e1' } },
          keyed('a', 'after'),
        ]);
        await until('the record behind it is through', () => done.length >= 1);
        const [letter] = await readAll(deadLetterTopic(topic), 1);
        expect(letter?.key).toBe('a');
        expect([...(letter?.value ?? [])]).toEqual([...bytes]);
        expect(letter?.headers).toEqual({
          poison: 'yes',
          ce_id: 'e1',
          [DEAD_LETTER_HEADERS.reason]: 'INTERNAL',
          [DEAD_LETTER_HEADERS.message]: 'cannot digest',
          [DEAD_LETTER_HEADERS.attempts]: '3',
          [DEAD_LETTER_HEADERS.group]: group,
          [DEAD_LETTER_HEADERS.topic]: topic,
          [DEAD_LETTER_HEADERS.partition]: String(place?.partition),
          [DEAD_LETTER_HEADERS.offset]: String(place?.offset),
        });
        expect(done).toEqual(['after']);
        await consumer.close();
      });

      it('dead-letters at the first attempt what trying again cannot help', async () => {
        const topic = await makeTopic();
        const attempts: number[] = [];
        const consumer = await collect(topic, {
          handler: async (_, { attempt }) => {
            attempts.push(attempt);
            throw new AppError('EVENT_INVALID', 'no such type');
          },
        });
        await bus.publish(topic, series('a', 0, 1));
        const [letter] = await readAll(deadLetterTopic(topic), 1);
        expect(letter?.headers).toMatchObject({
          [DEAD_LETTER_HEADERS.reason]: 'EVENT_INVALID',
          [DEAD_LETTER_HEADERS.attempts]: '1',
        });
        expect(attempts).toEqual([1]);
        await consumer.close();
      });

      it('outlasts a failure that will pass, whatever the number of attempts, its key waiting', async () => {
        const topic = await makeTopic();
        const seen: string[] = [];
        const consumer = await collect(topic, {
          maxAttempts: 1,
          handler: async (record, { attempt }) => {
            if (text(record) === 'a-0' && attempt < 5) throw new AppError('VENDOR_UNAVAILABLE', 'later');
            seen.push(`${text(record)}#${attempt}`);
          },
        });
        await bus.publish(topic, series('a', 0, 2));
        await until('both are through', () => seen.length === 2);
        expect(seen).toEqual(['a-0#5', 'a-1#1']);
        const [letters] = await bus.lag(makeGroup(), [deadLetterTopic(topic)]);
        expect(letters?.behind).toBe(0);
        await consumer.close();
      });

      it('dead-letters a failure that did not pass in its time', async () => {
        const topic = await makeTopic();
        const attempts: number[] = [];
        const consumer = await collect(topic, {
          maxAttempts: 1,
          retryForMs: 150,
          handler: async (_, { attempt }) => {
            attempts.push(attempt);
            throw new AppError('VENDOR_UNAVAILABLE', 'later');
          },
        });
        await bus.publish(topic, series('a', 0, 1));
        const [letter] = await readAll(deadLetterTopic(topic), 1);
        expect(letter?.headers[DEAD_LETTER_HEADERS.reason]).toBe('VENDOR_UNAVAILABLE');
        expect(attempts.length).toBeGreaterThan(1);
        await consumer.close();
      });

      it('leaves a dead letter where it is when its own handler fails', async () => {
        const topic = await makeTopic();
        const letters = deadLetterTopic(topic);
        await bus.publish(letters, series('a', 0, 2));
        const seen: string[] = [];
        const consumer = await collect(letters, {
          maxAttempts: 1,
          handler: async (record) => {
            seen.push(text(record));
            throw new Error('still no');
          },
        });
        await until('both were tried', () => seen.length >= 2);
        expect(seen).toEqual(['a-0', 'a-1']);
        expect(await readAll(letters, 2)).toHaveLength(2);
        await consumer.close();
      });

      it('brings a record again that was not settled when its member was closed', async () => {
        const topic = await makeTopic();
        const group = makeGroup();
        const started: string[] = [];
        const first = await collect(topic, {
          group,
          handler: (record, { signal }) =>
            new Promise((_, reject) => {
              started.push(text(record));
              signal.addEventListener('abort', () => reject(new Error('interrupted')));
            }),
        });
        await bus.publish(topic, series('a', 0, 2));
        await until('the first record is being handled', () => started.length >= 1);
        await first.close();
        const second = await collect(topic, { group });
        await until('both came to the next member', () => second.got.length >= 2);
        expect(second.got.map(text)).toEqual(['a-0', 'a-1']);
        await second.close();
      });

      it('waits for the running handler when closed, and commits its record', async () => {
        const topic = await makeTopic();
        const group = makeGroup();
        let finished = false;
        let began = false;
        const first = await collect(topic, {
          group,
          handler: async () => {
            began = true;
            await wait(100);
            finished = true;
          },
        });
        await bus.publish(topic, series('a', 0, 1));
        await until('the handler runs', () => began);
        await first.close();
        expect(finished).toBe(true);
        await until('it is committed', async () => (await bus.lag(group, [topic])).every(({ behind }) => behind === 0));
      });
    });

    describe('replay and lag', () => {
      it('counts what a group has not read', async () => {
        const topic = await makeTopic();
        const group = makeGroup();
        const behind = async () => (await bus.lag(group, [topic])).reduce((sum, lag) => sum + lag.behind, 0);
        await bus.publish(topic, [...series('a', 0, 4), ...series('b', 0, 3)]);
        expect(await behind()).toBe(7);
        const consumer = await collect(topic, { group });
        await until('nothing is left', async () => (await behind()) === 0);
        await consumer.close();
        await bus.publish(topic, series('a', 4, 2));
        expect(await behind()).toBe(2);
        expect((await bus.lag(group, [topic]))[0]).toMatchObject({ group, topic, partition: 0 });
      });

      it('reads a group anew from where it was set back to', async () => {
        const topic = await makeTopic();
        const group = makeGroup();
        await bus.publish(topic, series('a', 0, 4));
        const first = await collect(topic, { group });
        await until('all were read', () => first.got.length >= 4);
        await first.close();
        const place = first.got[2]!;
        await bus.reset(group, [{ topic, partition: place.partition, offset: place.offset }]);
        const second = await collect(topic, { group });
        await until('the rest came again', () => second.got.length >= 2);
        expect(second.got.map(text)).toEqual(['a-2', 'a-3']);
        await second.close();
        await bus.reset(group, await bus.positions([topic], 'earliest'));
        const third = await collect(topic, { group });
        await until('all came again', () => third.got.length >= 4);
        expect(third.got.map(text)).toEqual(first.got.map(text));
        await third.close();
      });

      it('finds the first record at or after a time', async () => {
        const topic = await makeTopic({ partitions: 1 });
        await bus.publish(topic, series('a', 0, 3));
        await wait(30);
        const [middle] = await bus.publish(topic, series('a', 3, 1));
        await wait(30);
        await bus.publish(topic, series('a', 4, 2));
        const records = await readAll(topic, 6);
        const time = records.find(({ offset }) => offset === middle?.offset)!.timestamp;
        expect(await bus.positions([topic], { time })).toEqual([middle]);
        expect(await bus.positions([topic], { time: 0 })).toEqual(await bus.positions([topic], 'earliest'));
        const future = { time: Date.now() + 3_600_000 };
        expect(await bus.positions([topic], future)).toEqual(await bus.positions([topic], 'latest'));
      });

      it('refuses to move a group while a member runs', async () => {
        const topic = await makeTopic();
        const group = makeGroup();
        const consumer = await collect(topic, { group });
        const start = await bus.positions([topic], 'earliest');
        await expect(bus.reset(group, start)).rejects.toMatchObject({ code: 'CONFLICT' });
        await consumer.close();
      });

      it('refuses to move a group to where nothing is', async () => {
        const topic = await makeTopic();
        const beyond = [{ topic, partition: 0, offset: 99 }];
        await expect(bus.reset(makeGroup(), beyond)).rejects.toMatchObject({ code: 'CURSOR_EXPIRED' });
      });
    });

    describe('tails', () => {
      it('see all that is published after they began, every one of them', async () => {
        const topic = await makeTopic();
        await bus.publish(topic, series('a', 0, 2));
        const seen: string[][] = [[], []];
        const tails = await Promise.all(
          seen.map((own) =>
            bus.tail({ topics: [topic], from: 'latest', onRecord: (record) => void own.push(text(record)) }),
          ),
        );
        await bus.publish(topic, series('a', 2, 3));
        await until('both saw it', () => seen.every((own) => own.length >= 3));
        expect(seen).toEqual([series('a', 2, 3).map(text), series('a', 2, 3).map(text)]);
        await Promise.all(tails.map((tail) => tail.close()));
      });

      it('resume from the positions of another without a gap or a repetition', async () => {
        const topic = await makeTopic();
        const first: string[] = [];
        const one = await bus.tail({
          topics: [topic],
          from: 'latest',
          onRecord: (record) => void first.push(text(record)),
        });
        await bus.publish(topic, [...series('a', 0, 3), ...series('b', 0, 3)]);
        await until('the first saw six', () => first.length >= 6);
        await one.close();
        await bus.publish(topic, [...series('a', 3, 2), ...series('b', 3, 2)]);
        const then: BusRecord[] = [];
        const two = await bus.tail({
          topics: [topic],
          from: one.positions(),
          onRecord: (record) => void then.push(record),
        });
        await bus.publish(topic, series('a', 5, 1));
        await until('the second saw the rest', () => then.length >= 5);
        expect(byKey(then)).toEqual({ a: series('a', 3, 3).map(text), b: series('b', 3, 2).map(text) });
        await two.close();
      });

      it('read topics that a position does not name from the latest', async () => {
        const [known, other] = [await makeTopic({ partitions: 1 }), await makeTopic({ partitions: 1 })];
        await bus.publish(known, series('a', 0, 2));
        await bus.publish(other, series('b', 0, 2));
        const seen: string[] = [];
        const from = await bus.positions([known], 'earliest');
        const tail = await bus.tail({
          topics: [known, other],
          from,
          onRecord: (record) => void seen.push(text(record)),
        });
        await bus.publish(other, series('b', 2, 1));
        await until('three came', () => seen.length >= 3);
        expect(seen.sort()).toEqual(['a-0', 'a-1', 'b-2']);
        await tail.close();
      });

      it('hold a partition back until the record at hand is taken', async () => {
        const topic = await makeTopic({ partitions: 1 });
        const events: string[] = [];
        const tail = await bus.tail({
          topics: [topic],
          from: 'latest',
          onRecord: async (record) => {
            events.push(`+${text(record)}`);
            await wait(5);
            events.push(`-${text(record)}`);
          },
        });
        await bus.publish(topic, series('a', 0, 4));
        await until('all were taken', () => events.length >= 8);
        expect(events).toEqual(series('a', 0, 4).flatMap((record) => [`+${text(record)}`, `-${text(record)}`]));
        await tail.close();
      });

      it('go on after a record they failed on', async () => {
        const topic = await makeTopic({ partitions: 1 });
        const seen: string[] = [];
        const tail = await bus.tail({
          topics: [topic],
          from: 'latest',
          onRecord: (record) => {
            seen.push(text(record));
            if (seen.length === 1) throw new Error('once');
            return seen.length === 2 ? Promise.reject(new Error('twice')) : undefined;
          },
        });
        await bus.publish(topic, series('a', 0, 3));
        await until('all three were shown', () => seen.length >= 3);
        expect(seen).toEqual(['a-0', 'a-1', 'a-2']);
        await tail.close();
      });

      it('refuse a position that is no longer kept, or was never written', async () => {
        const topic = await makeTopic({ partitions: 1 });
        await bus.publish(topic, series('a', 0, 5));
        const from = await bus.positions([topic], 'earliest');
        await under.expire(bus, topic);
        const open = (offset: number) =>
          bus.tail({ topics: [topic], from: [{ topic, partition: 0, offset }], onRecord: () => {} });
        expect(await bus.positions([topic], 'earliest')).toEqual([{ topic, partition: 0, offset: 5 }]);
        await expect(open(from[0]!.offset)).rejects.toMatchObject({ code: 'CURSOR_EXPIRED' });
        await expect(open(6)).rejects.toMatchObject({ code: 'CURSOR_EXPIRED' });
        await (await open(5)).close();
        expect((await bus.publish(topic, series('a', 5, 1)))[0]?.offset).toBe(5);
      });

      it('let a group whose place is gone go on with the first record kept', async () => {
        const topic = await makeTopic({ partitions: 1 });
        const group = makeGroup();
        await bus.publish(topic, series('a', 0, 2));
        const first = await collect(topic, { group });
        await until('two were read', () => first.got.length >= 2);
        await first.close();
        await bus.publish(topic, series('a', 2, 2));
        await under.expire(bus, topic);
        await bus.publish(topic, series('a', 4, 1));
        const second = await collect(topic, { group });
        await until('it goes on', () => second.got.length >= 1);
        expect(second.got.map(text)).toEqual(['a-4']);
        await second.close();
      });
    });

    describe('closing', () => {
      it('ends consumers and tails, twice without harm, and refuses what comes after', async () => {
        const topic = await makeTopic();
        await bus.tail({ topics: [topic], from: 'latest', onRecord: () => {} });
        await collect(topic);
        await Promise.all([bus.close(), bus.close()]);
        await expect(bus.publish(topic, series('a', 0, 1))).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
        bus = await under.open();
        expect(await bus.positions([topic], 'latest')).toHaveLength(PARTITIONS);
      });
    });
  });
}
