import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Ledger, openLedger } from '../../../sandbox/stripe/ledger.ts';
import { startDeliverer } from '../../../sandbox/stripe/webhooks/deliverer.ts';
import { openDeliveryQueue } from '../../../sandbox/stripe/webhooks/delivery-queue.ts';
import { until } from '../../support/until.ts';

const PLENTY = 1e9;
/** Longer than the ledger trusts a look at the disk. */
const LOOK_MS = 120;
const event = { id: 'evt_1', object: 'event', created: 1, type: 'customer.created' };

let folder = '';
let free = PLENTY;
let ledger: Ledger;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-sandbox-'));
  free = PLENTY;
  ledger = openLedger(folder, () => free);
});
afterEach(async () => {
  await ledger.close();
  await rm(folder, { recursive: true, force: true });
});

it('refuses to write on a full disk, and writes again once there is room', async () => {
  ledger.write(() => ledger.put('a', event));
  free = 0;
  await wait(LOOK_MS);
  expect(() => ledger.write(() => ledger.put('a', { ...event, id: 'evt_2' }))).toThrowError(
    expect.objectContaining({ code: 'DISK_FULL' }),
  );
  expect(ledger.get('a', 'event', 'evt_1')).toEqual(event);
  free = PLENTY;
  await wait(LOOK_MS);
  ledger.write(() => ledger.put('a', { ...event, id: 'evt_2' }));
  expect(ledger.get('a', 'event', 'evt_2')?.id).toBe('evt_2');
});

it('keeps a webhook whose refusal could not be written down, and delivers it once there is room', async () => {
  const queue = openDeliveryQueue(ledger);
  ledger.write(() => {
    ledger.put('a', event);
    queue.add({ account: 'a', eventId: event.id, attempts: 0, since: Date.now() }, Date.now());
  });
  free = 0;
  await wait(LOOK_MS);
  const [statuses, failures]: [number[], unknown[]] = [[], []];
  const deliverer = startDeliverer({
    queue,
    targetOf: () => ({ url: 'http://nowhere.example', secret: 'whsec_x' }),
    eventOf: (account, id) => ledger.get(account, 'event', id),
    now: () => Date.now(),
    onError: (error) => failures.push(error),
    fetch: async () => {
      const status = free === 0 ? 503 : 200;
      statuses.push(status);
      return new Response(null, { status });
    },
  });
  await until('it was refused', () => failures.length === 1);
  expect(failures).toMatchObject([{ code: 'DISK_FULL' }]);
  free = PLENTY;
  await until('it is acknowledged', () => [...queue.all()].length === 0);
  expect(statuses).toEqual([503, 200]);
  await deliverer.close();
});
