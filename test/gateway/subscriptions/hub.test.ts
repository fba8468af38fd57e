import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Bus } from '../../../events/bus.ts';
import type { EmbeddedBus } from '../../../events/embedded.ts';
import { openTestBus } from '../../support/test-bus.ts';
import { until } from '../../support/until.ts';
import { DEMO_TOPICS, type Demo, invoiceRecord, PEOPLE, startDemo } from '../serve/demo-gateway.ts';
import { openStream } from './event-stream.ts';

const ALL = 'subscription { invoiceChanged { id } }';
let bus: EmbeddedBus;
let demo: Demo;
let opened = 0;
let open = 0;
beforeAll(async () => {
  bus = await openTestBus(DEMO_TOPICS);
  const counted: Bus = {
    ...bus,
    async tail(options) {
      const tail = await bus.tail(options);
      opened += 1;
      open += 1;
      return {
        positions: () => tail.positions(),
        close: async () => {
          open -= 1;
          await tail.close();
        },
      };
    },
  };
  demo = await startDemo({ bus: counted, people: PEOPLE });
});
afterAll(async () => {
  await demo.close();
  await bus.close();
});

describe('subscribers of the same topics', () => {
  it('share one tail, which goes with the last of them', async () => {
    const streams = await Promise.all(
      Array.from({ length: 20 }, (_, index) => openStream(demo, { query: ALL, token: index % 2 ? 'ada' : 'eve' })),
    );
    expect([opened, open]).toEqual([1, 1]);
    await bus.publish('demo.invoice', [invoiceRecord('in_1'), invoiceRecord('in_1', 'globex')]);
    const answers = await Promise.all(streams.map((stream) => stream.data()));
    expect(answers).toEqual(streams.map(() => ({ data: { invoiceChanged: { id: 'in_1' } } })));
    await Promise.all(streams.map((stream) => stream.close()));
    await until('the tail is closed', () => open === 0);
  });

  it('have one of their own only until they have caught up', async () => {
    const first = await openStream(demo, { query: ALL });
    await bus.publish('demo.invoice', [invoiceRecord('in_2'), invoiceRecord('in_3')]);
    const cursor = first.lastEventId();
    const second = await openStream(demo, { query: ALL, lastEventId: cursor });
    await Promise.all([second.data(), second.data()]);
    await until('the own tail is closed', () => open === 1);
    await bus.publish('demo.invoice', [invoiceRecord('in_4')]);
    expect(await second.data()).toEqual({ data: { invoiceChanged: { id: 'in_4' } } });
    await Promise.all([first.close(), second.close()]);
    await until('the tail is closed', () => open === 0);
  });
});
