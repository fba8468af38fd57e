import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildForBench } from './gateway/build.ts';
import { type Contender, own, peers, plain } from './gateway/contenders.ts';
import { authentication, coldPlan, type ExtrasOptions, growth, smallQuery } from './gateway/extras.ts';
import { canPin } from './gateway/proc.ts';
import { meet, type Row, ratio } from './gateway/round-robin.ts';
import { type DataSet, openDataSets, publicDataFile } from './gateway/scenarios.ts';
import { startWorkers, type Workers } from './gateway/workers.ts';

/** Below this, the harness itself would be what is measured: requests a second of seven fetches that nobody parses. */
const FLOOR = 3_000;
const CONNECTIONS = 50;

/**
 * The gateway beside its peers: same operation, same subgraphs, same core, by turns. Byte-equal answers are a condition.
 * `ratios` are ours ÷ theirs in requests a second, medians of rounds; on the public scenario where its data is there.
 */
export async function benchGateway({ quick }: { quick: boolean }): Promise<Record<string, unknown>> {
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
  const root = fileURLToPath(new URL('..', import.meta.url));
  const pin = canPin();
  const places = { root, out: await buildForBench(root) };
  const workers = await startWorkers({ out: places.out, publicFile: publicDataFile(root), pin });
  const folder = await mkdtemp(join(tmpdir(), 'tributary-bench-gateway-'));
  try {
    const sets = await openDataSets(root);
    const targets = await writeTargets(sets, folder, workers);
    const sizes = quick ? { rounds: 2, warmUpMs: 1_500, ms: 1_000 } : { rounds: 5, warmUpMs: 5_000, ms: 1_500 };
    const contenders = [
      own(places, 'tributary', []),
      own(places, 'tributaryExact', ['--tier', 'exact']),
      ...(quick ? [] : [own(places, 'tributarySemiSpace64', [], ['--max-semi-space-size=64'])]),
      ...peers(places),
      plain(places, 'aggregator'),
      plain(places, 'floor'),
    ];
    const scenarios: Record<string, readonly Row[]> = {};
    for (const set of sets) scenarios[set.name] = await meetOver(set, contenders, { targets, pin, ...sizes }, workers);
    const main = sets[0]?.name ?? 'repeating';
    const oneByOne = await meetOver(
      sets[0] as DataSet,
      contenders,
      { targets, pin, ...sizes, connections: 1 },
      workers,
    );
    const nested = (sets.find(({ name }) => name === 'repeating') as DataSet).nested;
    const extras: ExtrasOptions = { places, workers, pin, nested, targets, ms: sizes.ms, rounds: sizes.rounds };
    return {
      pinned: pin ? 'gateway on core 0, all else on core 1' : 'not pinned: taskset is not there',
      ...verdict(scenarios, main),
      scenarios,
      oneConnection: oneByOne.filter(({ name }) => name !== 'floor'),
      coldPlan: await attempt(coldPlan, extras),
      smallQuery: await attempt(smallQuery, extras),
      growth: await attempt(growth, extras),
      authentication: await attempt(authentication, extras),
    };
  } finally {
    workers.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** One of the smaller measurements; why it failed, when it did, so that the others are not lost. */
async function attempt(measurement: (options: ExtrasOptions) => Promise<unknown>, options: ExtrasOptions) {
  process.stderr.write(`${measurement.name}\n`);
  return measurement(options).catch((error: unknown) => ({ absent: error instanceof Error ? error.message : error }));
}

type Targets = ExtrasOptions['targets'];

async function writeTargets(sets: readonly DataSet[], folder: string, workers: Workers): Promise<Targets> {
  const targets: Record<string, Targets[string]> = {};
  for (const set of sets) {
    const base = `${workers.subgraphsUrl}/${set.name}`;
    const supergraphFile = join(folder, `${set.name}.graphql`);
    await writeFile(supergraphFile, await set.supergraph(base));
    targets[set.name] = { supergraphFile, base };
  }
  return targets;
}

async function meetOver(
  { name, nested }: DataSet,
  contenders: readonly Contender[],
  options: { targets: Targets; pin: boolean; rounds: number; warmUpMs: number; ms: number; connections?: number },
  workers: Workers,
): Promise<Row[]> {
  const { targets, ms, connections = CONNECTIONS, ...rest } = options;
  const target = targets[name] as Targets[string];
  process.stderr.write(`${name}, ${connections} connections\n`);
  return meet({ ...rest, contenders, scenario: nested, target, load: { ms, connections } }, workers);
}

/** The ratios that are promised, and whether the harness was fast enough to tell them. */
function verdict(scenarios: Readonly<Record<string, readonly Row[]>>, main: string) {
  const rows = scenarios[main] ?? [];
  const ratios = (ours: string) => {
    const pairs = [
      ...['apolloGateway', 'hiveGateway', 'mercurius', 'aggregator'].map(
        (name) => [name, ratio(rows, ours, name)] as const,
      ),
      ['aggregatorNonRepeating', ratio(scenarios['non-repeating'] ?? [], ours, 'aggregator')] as const,
    ];
    const pick = (choose: (found: NonNullable<ReturnType<typeof ratio>>) => number) =>
      Object.fromEntries(pairs.map(([name, found]) => [name, found && choose(found)]));
    return {
      ratios: pick(({ requests }) => requests.median),
      minimum: pick(({ requests }) => requests.min),
      cpu: pick(({ cpu }) => cpu.median),
    };
  };
  const floor = rows.find(({ name }) => name === 'floor');
  const carried = floor && 'requestsPerSecond' in floor ? floor.requestsPerSecond.median : 0;
  const isVoid = carried < FLOOR;
  const all = ratios('tributary');
  return {
    ratios: all.ratios,
    ratiosMinimum: all.minimum,
    ratiosOfCpu: all.cpu,
    exactTier: ratios('tributaryExact'),
    harness: { requestsPerSecond: carried, needed: FLOOR },
    void: isVoid
      ? `The harness carried ${carried} requests/s of seven fetches: these figures are not to be quoted.`
      : null,
    scenario: main,
  };
}
