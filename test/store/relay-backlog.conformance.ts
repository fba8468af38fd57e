import { expect, it } from 'vitest';
import { startRelay } from '../../store/relay.ts';
import { withFaults } from '../support/faulty-bus.ts';
import { openTestBus } from '../support/test-bus.ts';
import { openTestStore } from '../support/test-store.ts';
import { until } from '../support/until.ts';

const ROWS = 100_000;
const KEYS = 200;
const VALUE = Buffer.alloc(1_000, 'x');

it(`relays ${ROWS} webhooks that gathered while the bus was down, in order per key, in bounded memory`, {
  timeout: 600_000,
}, async () => {
  const store = await openTestStore();
  const bus = withFaults(await openTestBus());
  for (let first = 0; first < ROWS; first += 1_000) {
    const records = Array.from({ length: 1_000 }, (_, index) => ({
      key: `k${(first + index) % KEYS}`,
      value: VALUE,
      headers: { n: String(first + index) },
    }));
    await store.outbox.appendRecords(null, 'stripe.inbound', records);
  }
  const last = new Map<string, number>();
  let seen = 0;
  let disorder = 0;
  await bus.tail({
    topics: ['stripe.inbound'],
    from: 'latest',
    onRecord: ({ key, headers }) => {
      const n = Number(headers['n']);
      if (n <= (last.get(key) ?? -1)) disorder += 1;
      last.set(key, n);
      seen += 1;
    },
  });
  global.gc?.();
  const before = process.memoryUsage();
  const startedAt = performance.now();
  let most = 0;
  const sampler = setInterval(() => {
    most = Math.max(most, process.memoryUsage().heapUsed - before.heapUsed);
  }, 50);
  const relay = await startRelay({ connection: store.connection, bus });
  await until('all of it came', () => seen >= ROWS, 500_000);
  clearInterval(sampler);
  const seconds = (performance.now() - startedAt) / 1_000;
  process.stdout.write(
    `${ROWS} rows in ${seconds.toFixed(1)} s, heap at most ${Math.round(most / 1e6)} MB above the start\n`,
  );
  expect([seen, disorder]).toEqual([ROWS, 0]);
  expect(most).toBeLessThan(150e6);
  await until('the outbox is empty', async () => (await store.connection.collection('outbox').countDocuments()) === 0);
  await relay.close();
  await bus.close();
  await store.close();
});
