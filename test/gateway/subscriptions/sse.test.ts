import { createClient } from 'graphql-sse';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EmbeddedBus } from '../../../events/embedded.ts';
import { openTestBus } from '../../support/test-bus.ts';
import { DEMO_TOPICS, type Demo, invoiceRecord, PEOPLE, startDemo } from '../serve/demo-gateway.ts';

let bus: EmbeddedBus;
let demo: Demo;
beforeAll(async () => {
  bus = await openTestBus(DEMO_TOPICS);
  demo = await startDemo({ bus, people: PEOPLE });
});
afterAll(async () => {
  await demo.close();
  await bus.close();
});

describe('x', () => {
  it('official client', async () => {
    const client = createClient({ url: demo.graphql, headers: { authorization: 'Bearer ada' }, retryAttempts: 0 });
    const stream = client.iterate({ query: 'subscription { invoiceChanged { id total account { name } } }' });
    const first = stream.next();
    await new Promise((r) => setTimeout(r, 2500));
    await bus.publish('demo.invoice', [invoiceRecord('in_5')]);
    expect(await first).toEqual({
      done: false,
      value: { data: { invoiceChanged: { id: 'in_5', total: 5, account: { name: 'Account a1' } } } },
    });
    await stream.return?.();
    client.dispose();
  });
});
