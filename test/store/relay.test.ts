import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Bus, BusRecord } from '../../events/bus.ts';
import { fromRecord } from '../../events/envelope.ts';
import type { TributaryEvent } from '../../events/event.ts';
import { AppError } from '../../lib/errors.ts';
import { type Relay, startRelay } from '../../store/relay.ts';
import type { Store } from '../../store/store.ts';
import { openTestBus } from '../support/test-bus.ts';
import { openTestStore } from '../support/test-store.ts';
import { until } from '../support/until.ts';

const entry = (id: string, version: number): { topic: string; event: TributaryEvent } => ({
  topic: 'crm.account',
  event: {
    id: `evt_${id}_${version}`,
    source: '/crm',
    type: 'crm.account.updated',
    subject: id,
    time: '2026-01-02T03:04:05Z',
    tenant: 'acme',
    cause: 'LIVE',
    data: { __typename: 'Account', id, type: 'crm.account.updated', version, changed: ['name'] },
  },
});

describe('the relay', () => {
  let store: Store;
  let bus: Bus;
  let relay: Relay | undefined;
  const seen: BusRecord[] = [];

  beforeAll(async () => {
    store = await openTestStore();
  });
  afterAll(() => store.close());

  beforeEach(async () => {
    await store.connection.collection('outbox').deleteMany({});
    bus = await openTestBus();
    seen.length = 0;
    await bus.tail({ topics: ['crm.account'], from: 'latest', onRecord: (record) => void seen.push(record) });
  });
  afterEach(async () => {
    await relay?.close();
    relay = undefined;
    await bus.close();
  });

  const append = (...entries: ReturnType<typeof entry>[]) =>
    store.transaction((session) => store.outbox.append(session, entries));
  const left = () => store.connection.collection('outbox').countDocuments();
  const versionsOf = (id: string) =>
    seen.filter(({ key }) => key === id).map((record) => fromRecord(record).data.version);
  /** The same bus, but what `publish` does is up to the test: an outage, seen from the relay. */
  const withPublish = (publish: Bus['publish']): Bus => Object.assign(Object.create(bus), { publish });

  it('publishes what was waiting before it began, then removes it', async () => {
    await append(entry('acc_1', 1), entry('acc_1', 2));
    await append(entry('acc_2', 1));
    relay = await startRelay({ connection: store.connection, bus });
    await until('all three came', () => seen.length >= 3);
    expect(versionsOf('acc_1')).toEqual([1, 2]);
    expect(fromRecord(seen.find(({ key }) => key === 'acc_2')!)).toEqual(entry('acc_2', 1).event);
    await until('the outbox is empty', async () => (await left()) === 0);
  });

  it('is woken by a commit, long before it would look again', async () => {
    relay = await startRelay({ connection: store.connection, bus, pollMs: 60_000 });
    await wait(200);
    for (let version = 1; version <= 5; version += 1) {
      await append(entry('acc_1', version));
      await until(`version ${version} came`, () => seen.length >= version, 5_000);
    }
    expect(versionsOf('acc_1')).toEqual([1, 2, 3, 4, 5]);
  });

  it('works a backlog off in batches, in order per subject', async () => {
    const ids = ['acc_1', 'acc_2', 'acc_3'];
    for (let version = 1; version <= 40; version += 1) await append(...ids.map((id) => entry(id, version)));
    relay = await startRelay({ connection: store.connection, bus, batch: 7 });
    await until('all came', () => seen.length >= 120);
    const rising = Array.from({ length: 40 }, (_, index) => index + 1);
    expect(ids.map(versionsOf)).toEqual([rising, rising, rising]);
    await until('the outbox is empty', async () => (await left()) === 0);
  });

  it('publishes the versions of one subject in their order, though another process wrote them the other way round', async () => {
    await append(entry('acc_1', 2), entry('acc_2', 9), entry('acc_1', 1));
    relay = await startRelay({ connection: store.connection, bus });
    await until('all came', () => seen.length >= 3);
    expect(versionsOf('acc_1')).toEqual([1, 2]);
  });

  it('backs off while the bus is down, and then brings everything, in order', async () => {
    let down = true;
    let attempts = 0;
    const flaky = withPublish((topic, records) => {
      attempts += 1;
      return down ? Promise.reject(new AppError('BUS_UNAVAILABLE', 'down')) : bus.publish(topic, records);
    });
    relay = await startRelay({ connection: store.connection, bus: flaky, pollMs: 20 });
    for (let version = 1; version <= 10; version += 1) await append(entry('acc_1', version));
    await until('it tried some times', () => attempts >= 3);
    expect([seen.length, await left()]).toEqual([0, 10]);
    down = false;
    await until('all came', () => seen.length >= 10);
    expect(versionsOf('acc_1')).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    await until('the outbox is empty', async () => (await left()) === 0);
  });

  it('sends again what it could not remove, and loses nothing', async () => {
    let lost = true;
    const forgetful = withPublish(async (topic, records) => {
      const places = await bus.publish(topic, records);
      if (lost) throw new AppError('BUS_UNAVAILABLE', 'the acknowledgement was lost');
      return places;
    });
    await append(entry('acc_1', 1), entry('acc_1', 2));
    relay = await startRelay({ connection: store.connection, bus: forgetful, pollMs: 20 });
    await until('it was sent', () => seen.length >= 2);
    lost = false;
    await until('the outbox is empty', async () => (await left()) === 0);
    expect(versionsOf('acc_1').slice(-2)).toEqual([1, 2]);
  });

  it('sets aside what the bus will never take, and goes on with the rest', async () => {
    await append(entry('acc_1', 1), entry('acc_2', 1), entry('acc_3', 1));
    const stubborn = withPublish((topic, records) =>
      records.some(({ key }) => key === 'acc_2')
        ? Promise.reject(new AppError('PAYLOAD_TOO_LARGE', 'too large'))
        : bus.publish(topic, records),
    );
    relay = await startRelay({ connection: store.connection, bus: stubborn });
    await until('the others came', () => seen.length >= 2);
    await until('one row is left', async () => (await left()) === 1);
    expect(seen.map(({ key }) => key).sort()).toEqual(['acc_1', 'acc_3']);
    await until('it says why', async () => {
      const row = await store.connection.collection('outbox').findOne({});
      return row?.['key'] === 'acc_2' && row['refused']?.code === 'PAYLOAD_TOO_LARGE';
    });
  });

  it('ends when closed, and leaves what comes later', async () => {
    relay = await startRelay({ connection: store.connection, bus });
    await relay.close();
    await append(entry('acc_1', 1));
    await wait(100);
    expect([seen.length, await left()]).toEqual([0, 1]);
  });
});
