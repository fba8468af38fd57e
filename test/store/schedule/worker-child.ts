import { openStore } from '../../../store/connect.ts';
import { startScheduleWorker } from '../../../store/schedule.ts';

/** A worker of the schedule in a process of its own: tells its parent of each call and never ends one. */
const [uri = '', leaseMs = ''] = process.argv.slice(2);
const store = await openStore({ uri, dataDir: '' });
await startScheduleWorker({
  connection: store.connection,
  kinds: {
    step: {
      leaseMs: Number(leaseMs),
      concurrency: 2,
      handler: ({ key, arming, fence }) => {
        process.send?.({ key, arming, fence });
        return new Promise<void>(() => {});
      },
    },
  },
});
