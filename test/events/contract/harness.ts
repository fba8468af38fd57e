import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, onTestFinished } from 'vitest';
import type { Bus, BusRecord, ConsumeOptions, OutgoingRecord, TopicSpec } from '../../../events/bus.ts';
import { newUlid } from '../../../lib/ids.ts';
import { until } from '../../support/until.ts';
import type { BusElsewhere } from '../bus-process.ts';

/** One implementation of the bus, as the suite drives it. */
export interface BusUnderTest {
  /** Opens a bus on the same log as the time before. The suite closes it before it opens the next. */
  open(): Promise<Bus>;
  /** How another process opens the same bus. The suite has its own closed meanwhile. */
  readonly elsewhere: BusElsewhere;
  /** Lets go of all records of a topic that are there now. */
  expire(bus: Bus, topic: string): Promise<void>;
  /** Has retention by size look at the log now. Absent: it does so by itself, within a minute. */
  trim?(bus: Bus): Promise<void>;
  /** A server only: kills the broker (SIGKILL); resolves when nothing listens. */
  stopBroker?(): Promise<void>;
  /** A server only: starts the broker again on the same data; resolves when it takes connections. */
  startBroker?(): Promise<void>;
  /** A server only: opens the bus with a password that the broker does not know. */
  openWithWrongPassword?(): Promise<Bus>;
  stop(): Promise<void>;
}

/** What the cases of the suite work with. */
export interface BusContract {
  readonly under: BusUnderTest;
  /** The bus that is open now. */
  readonly bus: Bus;
  /** Closes the bus, waits for what is to happen meanwhile, opens it again. */
  reopen(meanwhile?: () => Promise<void>): Promise<void>;
  makeTopic(spec?: Partial<TopicSpec>): Promise<string>;
  makeGroup(): string;
  /** A consumer that keeps what it gets, unless told to do something else with it. */
  collect(topic: string, options?: Partial<ConsumeOptions>): Promise<{ got: BusRecord[]; close(): Promise<void> }>;
  /** So many records of a topic from its beginning on. */
  readAll(topic: string, count: number): Promise<BusRecord[]>;
  /** All records of a topic up to its present end. */
  readToEnd(topic: string): Promise<BusRecord[]>;
  /** Keys in so many different partitions. Leaves records with the value `first` behind. */
  keysApart(topic: string, count: number): Promise<string[]>;
}

/** Partitions of a topic where a case does not say. */
export const PARTITIONS = 3;

/** A record's value as text. */
export const text = (record: { value: Uint8Array }) => Buffer.from(record.value).toString();

/** A record without headers. */
export const keyed = (key: string, value: string): OutgoingRecord => ({ key, value: Buffer.from(value), headers: {} });

/** Records of one key, numbered: `a-0`, `a-1`… */
export const series = (key: string, from: number, count: number) =>
  Array.from({ length: count }, (_, index) => keyed(key, `${key}-${from + index}`));

/** Values per key in the order they came. */
export function byKey(records: readonly BusRecord[]): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (const record of records) {
    const values = found[record.key];
    if (values) values.push(text(record));
    else found[record.key] = [text(record)];
  }
  return found;
}

/** Whether the bus takes these records now; a refusal must be the one that promises another try. */
export async function accepts(bus: Bus, topic: string, records: OutgoingRecord[]): Promise<boolean> {
  try {
    await bus.publish(topic, records);
    return true;
  } catch (error) {
    expect(error).toMatchObject({ code: 'BUS_UNAVAILABLE' });
    return false;
  }
}

// The only way to the collector in a process that was not started with the flag.
setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/** What this process holds in memory, in bytes: buffers included, garbage not. */
export function heldBytes(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** A promise that a handler can stand at until the case lets go, at its end at the latest. */
export function makeGate(): { readonly opened: Promise<void>; open(): void } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  onTestFinished(() => open());
  return { opened, open: () => open() };
}

/** Opens the bus for the cases; `close` ends all of it. */
export async function openContract(
  start: () => Promise<BusUnderTest>,
): Promise<BusContract & { close(): Promise<void> }> {
  const under = await start();
  let bus = await under.open();
  async function readAll(topic: string, count: number): Promise<BusRecord[]> {
    const got: BusRecord[] = [];
    const from = await bus.positions([topic], 'earliest');
    const tail = await bus.tail({ topics: [topic], from, onRecord: (record) => void got.push(record) });
    await until(`${count} records of ${topic}`, () => got.length >= count, 30_000);
    await tail.close();
    return got;
  }
  return {
    under,
    get bus() {
      return bus;
    },
    reopen: async (meanwhile) => {
      await bus.close();
      await meanwhile?.();
      bus = await under.open();
    },
    makeTopic: async (spec = {}) => {
      const topic = `t.${newUlid().toLowerCase()}`;
      await bus.ensureTopics([{ name: topic, partitions: PARTITIONS, retentionMs: 3_600_000, ...spec }]);
      return topic;
    },
    makeGroup: () => `g-${newUlid()}`,
    collect: async (topic, options = {}) => {
      const got: BusRecord[] = [];
      const handler = async (record: BusRecord) => void got.push(record);
      const consumer = await bus.consume({ group: `g-${newUlid()}`, topics: [topic], handler, ...options });
      return { got, close: () => consumer.close() };
    },
    readAll,
    readToEnd: async (topic) => {
      const ends = await bus.positions([topic], 'latest');
      const got: BusRecord[] = [];
      const from = await bus.positions([topic], 'earliest');
      const tail = await bus.tail({ topics: [topic], from, onRecord: (record) => void got.push(record) });
      const isThrough = () =>
        tail
          .positions()
          .every((next) => next.offset >= (ends.find((end) => end.partition === next.partition)?.offset ?? 0));
      await until(`the end of ${topic}`, isThrough, 60_000);
      await tail.close();
      return got;
    },
    keysApart: async (topic, count) => {
      const found = new Map<number, string>();
      for (let index = 0; found.size < count; index += 1) {
        const [place] = await bus.publish(topic, [keyed(`key-${index}`, 'first')]);
        if (place && !found.has(place.partition)) found.set(place.partition, `key-${index}`);
      }
      return [...found.values()];
    },
    close: async () => {
      await bus.close();
      await under.stop();
    },
  };
}
