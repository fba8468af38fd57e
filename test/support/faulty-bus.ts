import type { Bus } from '../../events/bus.ts';
import { unknownTopic } from '../../events/record-limits.ts';
import { AppError } from '../../lib/errors.ts';

/** How publishing goes: `lost` publishes, but the acknowledgement does not come through; `missing`: the broker has no such topic. */
export type Fault = 'none' | 'down' | 'hangs' | 'lost' | 'missing';

/** A real bus whose publishing can be made to fail; everything else is the bus's own. */
export interface FaultyBus extends Bus {
  /** From now on, for these topics or all. What hung meanwhile fails. */
  become(fault: Fault, topics?: readonly string[]): void;
  /** How often publishing was tried. */
  readonly tries: () => number;
}

/** Wraps a bus. */
export function withFaults(bus: Bus): FaultyBus {
  let fault: Fault = 'none';
  let only: readonly string[] | undefined;
  let tries = 0;
  let hanging: (() => void)[] = [];
  const down = () => new AppError('BUS_UNAVAILABLE', 'The bus is down, says the test.');
  const publish: Bus['publish'] = async (topic, records) => {
    tries += 1;
    const present = only === undefined || only.includes(topic) ? fault : 'none';
    if (present === 'none') return bus.publish(topic, records);
    if (present === 'hangs') await new Promise<void>((resolve) => hanging.push(resolve));
    if (present === 'lost') await bus.publish(topic, records);
    throw present === 'missing' ? unknownTopic(topic) : down();
  };
  const become: FaultyBus['become'] = (next, topics) => {
    fault = next;
    only = topics;
    for (const resolve of hanging) resolve();
    hanging = [];
  };
  return Object.assign(Object.create(bus) as Bus, { publish, become, tries: () => tries });
}

/** Everything a topic holds, partition by partition. */
export async function readTopic(bus: Bus, topic: string) {
  const [from, to] = await Promise.all([bus.positions([topic], 'earliest'), bus.positions([topic], 'latest')]);
  const count = to.reduce((sum, { offset }, index) => sum + offset - (from[index]?.offset ?? 0), 0);
  const records: Parameters<Parameters<Bus['tail']>[0]['onRecord']>[0][] = [];
  if (count === 0) return records;
  await new Promise<void>((resolve, reject) => {
    const onRecord = (record: (typeof records)[number]) => void (records.push(record) === count && resolve());
    bus.tail({ topics: [topic], from, onRecord }).catch(reject);
  });
  return records;
}
