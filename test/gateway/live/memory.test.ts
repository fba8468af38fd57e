import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { createEngine } from '../../../gateway/create-engine.ts';
import { createLiveEngine } from '../../../gateway/live/live-engine.ts';
import { systemClock } from '../../../lib/clock.ts';
import { silentLogger } from '../../../lib/logger.ts';
import { createInProcessPlanner } from '../../support/federation-planner.ts';
import { until } from '../../support/until.ts';
import { graphOfVersion } from './versions.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

it('forgets the engine and the schema of every generation that is over', async () => {
  const graphs = [1, 2].map((number) => graphOfVersion(number));
  const old: WeakRef<object>[] = [];
  const live = createLiveEngine({
    async build(supergraph) {
      const { transport } = graphs[0] as (typeof graphs)[0];
      const engine = await createEngine({ supergraph, transport, planner: createInProcessPlanner });
      old.push(new WeakRef(engine), new WeakRef(engine.schema));
      return { engine, close: () => engine.close() };
    },
    clock: systemClock,
    logger: silentLogger,
    lingerMs: 1,
  });
  for (let swap = 0; swap < 8; swap += 1) {
    await live.swap((graphs[swap % 2] as (typeof graphs)[0]).supergraphSdl);
    const signal = new AbortController().signal;
    const operation = await live.prepare({ query: '{ version thing(id: "a") { price } }' }, null);
    await live.execute(operation, { identity: null, requestId: 'r1', signal });
  }
  await until('the old ones are closed', () => live.status().retiring === 0);
  const kept = () => old.filter((one) => one.deref() !== undefined).length;
  // The present generation, and what the loop's last turn may still hold.
  await until('all but the present are freed', () => {
    collectGarbage();
    return kept() <= 4;
  });
  expect(live.status()).toMatchObject({ generation: 8, failures: 0 });
  await live.close();
});
