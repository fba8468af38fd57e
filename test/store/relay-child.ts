import type { Bus, Position } from '../../events/bus.ts';
import { openStore } from '../../store/connect.ts';
import { startRelay } from '../../store/relay.ts';

/** A relay in a process of its own. The embedded bus belongs to one process, the parent: records go there, and back comes the word that they are on disk. */
const [uri = '', leaseMs = ''] = process.argv.slice(2);
const store = await openStore({ uri, dataDir: '' });
const waiting = new Map<number, (positions: Position[]) => void>();
let count = 0;

process.on('message', ({ id, positions }: { id: number; positions: Position[] }) => {
  waiting.get(id)?.(positions);
  waiting.delete(id);
});

const bus: Pick<Bus, 'publish'> = {
  publish: (topic, records) => {
    count += 1;
    const id = count;
    const published = new Promise<Position[]>((resolve) => waiting.set(id, resolve));
    process.send?.({ id, topic, records: records.map((record) => ({ ...record, value: Buffer.from(record.value) })) });
    return published;
  },
};
await startRelay({ connection: store.connection, bus: bus as Bus, leaseMs: Number(leaseMs), batch: 20 });
