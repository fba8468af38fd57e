import type { ChildProcess } from 'node:child_process';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { BusRecord, OutgoingRecord } from '../../events/bus.ts';
import { fromRecord } from '../../events/envelope.ts';
import { createFrozenClock } from '../../lib/clock.ts';
import { newUlid } from '../../lib/ids.ts';
import { type Relay, startRelay } from '../../store/relay.ts';
import { type FaultyBus, readTopic, withFaults } from '../support/faulty-bus.ts';
import { forkScript, killHard, storeUri } from '../support/fork-script.ts';
import { openTestBus } from '../support/test-bus.ts';
import { openTestStore } from '../support/test-store.ts';
import { until } from '../support/until.ts';

const TOPIC = 'crm.account';
const SCRIPT = new URL('./relay-child.ts', import.meta.url);

describe('relays of one outbox', () => {
  let store: Awaited<ReturnType<typeof openTestStore>>;
  let bus: FaultyBus;
  const relays: Relay[] = [];
  const children: ChildProcess[] = [];

  beforeAll(async () => {
    store = await openTestStore();
  });
  beforeEach(async () => {
    await store.connection.collection('outbox').deleteMany({});
    await store.connection.collection('leases').deleteMany({});
    bus = withFaults(await openTestBus());
  });
  afterEach(async () => {
    await Promise.all(children.splice(0).map(killHard));
    await Promise.all(relays.splice(0).map((relay) => relay.close()));
    await bus.close();
  });
  afterAll(() => store.close());

  const start = async (given: Partial<Parameters<typeof startRelay>[0]> = {}) => {
    const relay = await startRelay({ connection: store.connection, bus, pollMs: 30, leaseMs: 400, ...given });
    relays.push(relay);
    return relay;
  };
  const entry = (id: string, version: number) => ({
    topic: TOPIC,
    event: {
      id: `evt_${id}_${version}`,
      source: '/crm',
      type: 'crm.account.updated',
      subject: id,
      time: '2026-01-02T03:04:05Z',
      tenant: 'acme',
      cause: 'LIVE' as const,
      data: { __typename: 'Account', id, type: 'crm.account.updated', version, changed: ['name'] },
    },
  });
  const append = (...entries: ReturnType<typeof entry>[]) =>
    store.transaction((session) => store.outbox.append(session, entries));
  const empty = () =>
    until(
      'the outbox is empty',
      async () => (await store.connection.collection('outbox').countDocuments()) === 0,
      30_000,
    );
  const versionsByKey = (records: readonly BusRecord[]) => {
    const versions = new Map<string, number[]>();
    for (const record of records) {
      const { version } = fromRecord(record).data;
      versions.set(record.key, [...(versions.get(record.key) ?? []), version]);
    }
    return versions;
  };
  const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

  it('publish each event once and in order, many though they are', async () => {
    for (let relay = 0; relay < 4; relay += 1) await start({ batch: 5 });
    for (const version of numbers(25)) await append(entry('acc_1', version), entry('acc_2', version));
    await empty();
    const versions = versionsByKey(await readTopic(bus, TOPIC));
    expect([...versions.values()]).toEqual([numbers(25), numbers(25)]);
  });

  it('go on at once when the one that works is closed', async () => {
    const first = await start({ leaseMs: 60_000 });
    await append(entry('acc_1', 1));
    await empty();
    await start({ leaseMs: 60_000 });
    await first.close();
    await append(entry('acc_1', 2));
    await empty();
    expect(versionsByKey(await readTopic(bus, TOPIC)).get('acc_1')).toEqual([1, 2]);
  });

  it('do not publish when they wake up after a rest and another has taken over', async () => {
    bus.become('hangs');
    const publishing = { first: 0 };
    const paused = Object.assign(Object.create(bus), {
      publish: async (...args: Parameters<FaultyBus['publish']>) => {
        publishing.first += 1;
        return bus.publish(...args);
      },
    });
    await append(entry('acc_1', 1));
    const steady = createFrozenClock(0);
    await start({ bus: paused, leaseMs: 60_000, steady });
    await until('it is at it', () => publishing.first === 1);
    // As if its process had stood still for a while: another one has the lease meanwhile, and has published more.
    await store.connection
      .collection<{ _id: string }>('leases')
      .updateOne({ _id: 'relay' }, { $set: { holder: 'host/1/x/y' }, $inc: { fence: 1 } });
    await append(entry('acc_1', 2));
    bus.become('none');
    await new Promise((resolve) => setTimeout(resolve, 150));
    steady.advance(60_000);
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect([publishing.first, await readTopic(bus, TOPIC)]).toEqual([1, []]);
    steady.advance(60_000);
    await empty();
    expect(versionsByKey(await readTopic(bus, TOPIC)).get('acc_1')).toEqual([1, 2]);
  });

  it.each([
    ['is down', 'down'],
    ['the broker has lost', 'missing'],
  ] as const)('hold a topic that %s against no other, and bring it in order when it is back', async (_, fault) => {
    bus.become(fault, ['crm.contact']);
    const contact = (version: number): OutgoingRecord => ({
      key: 'con_1',
      value: Buffer.from(String(version)),
      headers: {},
    });
    await store.outbox.appendRecords(null, 'crm.contact', numbers(20).map(contact));
    await append(...numbers(5).map((version) => entry('acc_1', version)));
    await start({ batch: 4 });
    await until('the other topic came through', async () => (await readTopic(bus, TOPIC)).length === 5);
    expect(await readTopic(bus, 'crm.contact')).toEqual([]);
    bus.become('none');
    await empty();
    const values = (await readTopic(bus, 'crm.contact')).map(({ value }) => Number(Buffer.from(value).toString()));
    expect(values).toEqual(numbers(20));
  });

  it.each([
    ['no value', { value: null }],
    ['no key', { key: 7 }],
    ['no headers', { headers: null }],
    ['a topic that does not exist', { topic: 'crm.nothing' }],
    ['no topic', { topic: null }],
    ['more than a bus takes', { value: Buffer.alloc(1_000_100) }],
  ])('set a row aside that has %s, and go on with the rest', async (_, spoilt) => {
    await append(entry('acc_1', 1));
    const rows = store.connection.collection<{ _id: string }>('outbox');
    const [good] = await rows.find().toArray();
    await rows.insertOne({ ...good, ...spoilt, _id: newUlid() });
    await append(entry('acc_1', 2));
    await start();
    await until('two came', async () => (await readTopic(bus, TOPIC)).length === 2);
    await until(
      'one is set aside',
      async () => (await rows.countDocuments({ 'refused.code': { $exists: true } })) === 1,
    );
    expect(await rows.countDocuments()).toBe(1);
  });

  it('work off what gathered in hours of an outage: 20,000 rows, in order, in batches', {
    timeout: 120_000,
  }, async () => {
    const keys = Array.from({ length: 40 }, (_, n) => `acc_${n}`);
    bus.become('down');
    for (let version = 1; version <= 500; version += 50) {
      const entries = numbers(50).flatMap((step) => keys.map((key) => entry(key, version + step - 1)));
      await append(...entries);
    }
    let most = 0;
    const counting = Object.assign(Object.create(bus), {
      publish: (topic: string, records: readonly OutgoingRecord[]) => {
        most = Math.max(most, records.length);
        return bus.publish(topic, records);
      },
    });
    const before = performance.now();
    await start({ bus: counting });
    await until('it tried', () => bus.tries() > 1);
    bus.become('none');
    await empty();
    process.stdout.write(`20,000 rows relayed in ${Math.round(performance.now() - before)} ms\n`);
    const versions = versionsByKey(await readTopic(bus, TOPIC));
    for (const key of keys) expect(versions.get(key)).toEqual(numbers(500));
    expect(most).toBe(500);
  });

  it('take over from one that was killed within seconds, losing nothing, repeating at most what it was about', {
    timeout: 60_000,
  }, async () => {
    for (const version of numbers(400)) await append(entry('acc_1', version));
    const child = forkScript(SCRIPT, [storeUri(store.dataDir), '1000']);
    children.push(child);
    let published = 0;
    child.on('message', async ({ id, topic, records }: { id: number; topic: string; records: OutgoingRecord[] }) => {
      const positions = await bus.publish(topic, records);
      published += records.length;
      if (published < 200) child.send({ id, positions });
    });
    await until('the child has published half', () => published >= 200, 30_000);
    await start({ leaseMs: 1_000, pollMs: 100 });
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(await store.connection.collection('outbox').countDocuments()).toBe(220);
    await killHard(child);
    const killedAt = performance.now();
    await empty();
    expect(performance.now() - killedAt).toBeLessThan(10_000);
    const versions = versionsByKey(await readTopic(bus, TOPIC)).get('acc_1') ?? [];
    expect(versions).toEqual([...numbers(200), ...numbers(400).slice(180)]);
  });
});
