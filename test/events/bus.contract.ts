import { afterAll, beforeAll, describe } from 'vitest';
import { describeClosing } from './contract/closing.ts';
import { describeFailures } from './contract/failures.ts';
import { describeGroups } from './contract/groups.ts';
import { type BusContract, type BusUnderTest, openContract } from './contract/harness.ts';
import { describeInterruptions } from './contract/interruptions.ts';
import { describeOutages } from './contract/outages.ts';
import { describePace } from './contract/pace.ts';
import { describePublishing } from './contract/publishing.ts';
import { describeReplay } from './contract/replay.ts';
import { describeRetention } from './contract/retention.ts';
import { describeTails } from './contract/tails.ts';

export type { BusUnderTest };

/** What every adapter promises; run on each of them. `isServer`: the bus is a broker that can be gone, and ask for a password. */
export function describeBus(
  name: string,
  start: () => Promise<BusUnderTest>,
  { isServer = false }: { isServer?: boolean } = {},
): void {
  describe(`the bus contract on ${name}`, () => {
    let opened: Awaited<ReturnType<typeof openContract>>;
    beforeAll(async () => {
      opened = await openContract(start);
    });
    afterAll(() => opened.close());
    // Cases are declared before anything is open.
    const contract = new Proxy({} as BusContract, { get: (_, name) => Reflect.get(opened, name) });

    describePublishing(contract);
    describeGroups(contract);
    describePace(contract);
    describeFailures(contract);
    describeInterruptions(contract);
    describeReplay(contract);
    describeTails(contract);
    describeRetention(contract);
    if (isServer) describeOutages(contract);
    describeClosing(contract);
  });
}
