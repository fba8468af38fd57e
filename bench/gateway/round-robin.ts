import type { Contender } from './contenders.ts';
import { type Load, measure, round, type Sample, spread } from './measure.ts';
import { type Running, startContender } from './running.ts';
import type { Scenario } from './scenarios.ts';
import type { Workers } from './workers.ts';

/** What one contender reached in all rounds; or why it did not take part. */
export type Row = Measured | { readonly name: string; readonly version: string | null; readonly absent: string };

/** Figures of all rounds; `samples` in their order. */
export interface Measured {
  readonly name: string;
  readonly version: string | null;
  readonly requestsPerSecond: { readonly median: number; readonly min: number };
  readonly cpuMsPerRequest: { readonly median: number; readonly min: number };
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly fetchesPerRequest: number;
  readonly rssMb: number;
  readonly peakRssMb: number;
  readonly readyMs: number;
  readonly samples: readonly Sample[];
}

/** How contenders meet. */
export interface Meeting {
  readonly contenders: readonly Contender[];
  readonly scenario: Scenario;
  readonly target: { readonly supergraphFile: string; readonly base: string };
  readonly rounds: number;
  readonly warmUpMs: number;
  readonly load: Load;
  readonly pin: boolean;
}

/**
 * Starts all contenders, warms them up, and measures them by turns, so that what disturbs the machine disturbs all of them.
 * One that does not start or answers wrongly is out, and the row says why.
 */
export async function meet(meeting: Meeting, workers: Workers): Promise<Row[]> {
  const rows = new Map<string, Row>();
  const running: { readonly gateway: Running; readonly samples: Sample[] }[] = [];
  const out = ({ name, version }: Contender, absent: string) => rows.set(name, { name, version, absent });
  const { scenario, target, load, pin } = meeting;
  for (const contender of meeting.contenders) {
    if (contender.absent !== null) {
      out(contender, contender.absent);
      continue;
    }
    try {
      const started = await startContender(contender, target, pin);
      running.push({ gateway: started, samples: [] });
      await measure(started, scenario, { ...load, ms: meeting.warmUpMs }, workers);
    } catch (error) {
      out(contender, reasonOf(error));
    }
  }
  const isIn = ({ gateway }: { gateway: Running }) => !rows.has(gateway.contender.name);
  for (let index = 0; index < meeting.rounds; index += 1)
    for (const { gateway, samples } of running.filter(isIn)) {
      try {
        samples.push(await measure(gateway, scenario, load, workers));
      } catch (error) {
        out(gateway.contender, reasonOf(error));
      }
    }
  for (const one of running.filter(isIn)) rows.set(one.gateway.contender.name, toRow(one.gateway, one.samples));
  await Promise.all(running.map(({ gateway }) => gateway.stop()));
  for (const row of rows.values()) process.stderr.write(`  ${toLine(row)}\n`);
  return meeting.contenders.flatMap(({ name }) => rows.get(name) ?? []);
}

/** Rounds' ratios of requests a second; null when one of them did not take part. */
export function ratio(rows: readonly Row[], ours: string, theirs: string) {
  const [a, b] = [ours, theirs].map((name) => rows.find((row) => row.name === name));
  if (!a || !b || 'absent' in a || 'absent' in b) return null;
  return {
    requests: spread(a.samples.map(({ rps }, index) => rps / (b.samples[index]?.rps ?? Number.NaN))),
    cpu: spread(a.samples.map(({ cpuMs }, index) => (b.samples[index]?.cpuMs ?? Number.NaN) / cpuMs)),
  };
}

function toRow({ contender, readyMs }: Running, samples: readonly Sample[]): Measured {
  const of = (field: keyof Sample) => spread(samples.map((sample) => sample[field]));
  return {
    name: contender.name,
    version: contender.version,
    requestsPerSecond: of('rps'),
    cpuMsPerRequest: of('cpuMs'),
    p50Ms: of('p50').median,
    p99Ms: of('p99').median,
    fetchesPerRequest: of('fetches').median,
    rssMb: Math.max(...samples.map(({ rssMb }) => rssMb)),
    peakRssMb: Math.max(...samples.map(({ peakRssMb }) => peakRssMb)),
    readyMs,
    samples: samples.map((sample) => ({
      ...sample,
      rps: round(sample.rps),
      cpuMs: round(sample.cpuMs),
      p50: round(sample.p50),
      p99: round(sample.p99),
      fetches: round(sample.fetches),
    })),
  };
}

function toLine(row: Row): string {
  if ('absent' in row) return `${row.name}: ${row.absent}`;
  const { requestsPerSecond: rps, cpuMsPerRequest: cpu, fetchesPerRequest, rssMb } = row;
  return `${row.name}: ${rps.median} requests/s, ${cpu.median} ms CPU, ${fetchesPerRequest} fetches, ${rssMb} MB`;
}

function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, 500);
}
