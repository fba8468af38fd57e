import { describe, expect, it } from 'vitest';
import { DEAD_LETTER_HEADERS, deadLetterTopic } from '../../../events/bus.ts';
import { AppError } from '../../../lib/errors.ts';
import { until } from '../../support/until.ts';
import { type BusContract, keyed, series, text } from './harness.ts';

/** What becomes of a record whose handler fails. */
export function describeFailures(t: BusContract): void {
  describe('failing handlers', () => {
    it('tries again, counting, and lets nothing of the key overtake', async () => {
      const topic = await t.makeTopic();
      const seen: string[] = [];
      const flaky = await t.collect(topic, {
        handler: async (record, { attempt }) => {
          seen.push(`${text(record)}#${attempt}`);
          if (text(record) === 'a-1' && attempt < 3) throw new Error('not yet');
        },
      });
      await t.bus.publish(topic, series('a', 0, 3));
      await until('all three are through', () => seen.includes('a-2#1'));
      expect(seen).toEqual(['a-0#1', 'a-1#1', 'a-1#2', 'a-1#3', 'a-2#1']);
      await flaky.close();
    });

    it('dead-letters a poison record after its attempts, as it was and with the reason, and goes on', async () => {
      const topic = await t.makeTopic();
      const group = t.makeGroup();
      const done: string[] = [];
      const consumer = await t.collect(topic, {
        group,
        maxAttempts: 3,
        handler: async (record) => {
          if (record.headers['poison']) throw new TypeError('cannot digest');
          done.push(text(record));
        },
      });
      const bytes = Uint8Array.from([1, 0, 254]);
      const [place] = await t.bus.publish(topic, [
        { key: 'a', value: bytes, headers: { poison: 'yes', ce_id: 'e1' } },
        keyed('a', 'after'),
      ]);
      await until('the record behind it is through', () => done.length >= 1);
      const [letter] = await t.readAll(deadLetterTopic(topic), 1);
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
      const topic = await t.makeTopic();
      const attempts: number[] = [];
      const consumer = await t.collect(topic, {
        handler: async (_, { attempt }) => {
          attempts.push(attempt);
          throw new AppError('EVENT_INVALID', 'no such type');
        },
      });
      await t.bus.publish(topic, series('a', 0, 1));
      const [letter] = await t.readAll(deadLetterTopic(topic), 1);
      expect(letter?.headers).toMatchObject({
        [DEAD_LETTER_HEADERS.reason]: 'EVENT_INVALID',
        [DEAD_LETTER_HEADERS.attempts]: '1',
      });
      expect(attempts).toEqual([1]);
      await consumer.close();
    });

    it('outlasts a failure that will pass, whatever the number of attempts, its key waiting', async () => {
      const topic = await t.makeTopic();
      const seen: string[] = [];
      const consumer = await t.collect(topic, {
        maxAttempts: 1,
        handler: async (record, { attempt }) => {
          if (text(record) === 'a-0' && attempt < 5) throw new AppError('VENDOR_UNAVAILABLE', 'later');
          seen.push(`${text(record)}#${attempt}`);
        },
      });
      await t.bus.publish(topic, series('a', 0, 2));
      await until('both are through', () => seen.length === 2);
      expect(seen).toEqual(['a-0#5', 'a-1#1']);
      const [letters] = await t.bus.lag(t.makeGroup(), [deadLetterTopic(topic)]);
      expect(letters?.behind).toBe(0);
      await consumer.close();
    });

    it('dead-letters a failure that did not pass in its time', async () => {
      const topic = await t.makeTopic();
      const attempts: number[] = [];
      const consumer = await t.collect(topic, {
        maxAttempts: 1,
        retryForMs: 150,
        handler: async (_, { attempt }) => {
          attempts.push(attempt);
          throw new AppError('VENDOR_UNAVAILABLE', 'later');
        },
      });
      await t.bus.publish(topic, series('a', 0, 1));
      const [letter] = await t.readAll(deadLetterTopic(topic), 1);
      expect(letter?.headers[DEAD_LETTER_HEADERS.reason]).toBe('VENDOR_UNAVAILABLE');
      expect(attempts.length).toBeGreaterThan(1);
      await consumer.close();
    });

    it('leaves a dead letter where it is when its own handler fails', async () => {
      const topic = await t.makeTopic();
      const letters = deadLetterTopic(topic);
      await t.bus.publish(letters, series('a', 0, 2));
      const seen: string[] = [];
      const consumer = await t.collect(letters, {
        maxAttempts: 1,
        handler: async (record) => {
          seen.push(text(record));
          throw new Error('still no');
        },
      });
      await until('both were tried', () => seen.length >= 2);
      expect(seen).toEqual(['a-0', 'a-1']);
      expect(await t.readAll(letters, 2)).toHaveLength(2);
      await consumer.close();
    });
  });
}
