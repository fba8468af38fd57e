import { writeSync } from 'node:fs';
import type { Bus } from '../../events/bus.ts';
import type { BusElsewhere, MemberOrder } from './bus-process.ts';

/** A process to be killed: joins a group, settles some records, says which one comes then, and never lets go of it. */
const [elsewhere, order] = process.argv.slice(2).map((text) => JSON.parse(text)) as [BusElsewhere, MemberOrder];
const { [elsewhere.open]: open } = await import(elsewhere.module);
const bus: Bus = await open(elsewhere.options);
let settled = 0;
await bus.consume({
  group: order.group,
  topics: [order.topic],
  handler: async ({ value }) => {
    if (settled === order.settle) {
      writeSync(1, `${Buffer.from(value).toString()}\n`);
      await new Promise(() => setInterval(() => undefined, 60_000));
    }
    settled += 1;
  },
});
