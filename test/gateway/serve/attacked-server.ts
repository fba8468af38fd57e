import { monitorEventLoopDelay } from 'node:perf_hooks';
import { ATTACKED } from '../../support/graphql-attacks.ts';
import { createTestGraph } from '../../support/test-subgraphs.ts';
import { PEOPLE, startDemo } from './demo-gateway.ts';

// A gateway in a process of its own, whose event loop is watched: any message is answered with the longest delay since the
// last one, in milliseconds, and the CPU time spent meanwhile.
const [sdl = ''] = process.argv.slice(2);
const demo = await startDemo({ graph: createTestGraph([{ name: 'all', sdl, resolvers: ATTACKED }]), people: PEOPLE });
const delay = monitorEventLoopDelay({ resolution: 5 });
delay.enable();
let cpu = process.cpuUsage();

process.on('message', () => {
  // A turn later, so that a stall that is just ending is counted.
  setTimeout(() => {
    const { user, system } = process.cpuUsage(cpu);
    process.send?.({ maxMs: delay.max / 1e6, cpuMs: (user + system) / 1_000 });
    delay.reset();
    cpu = process.cpuUsage();
  }, 20);
});
process.send?.({ url: demo.url });
