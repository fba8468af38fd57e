import type { LoadResult } from './load-process.ts';
import { cpuSecondsOf, memoryOf } from './proc.ts';
import type { Running } from './running.ts';
import type { Scenario } from './scenarios.ts';
import type { Workers } from './workers.ts';

/** One measurement of one contender. */
export interface Sample {
  readonly rps: number;
  /** CPU milliseconds of the gateway's process a request. */
  readonly cpuMs: number;
  readonly p50: number;
  readonly p99: number;
  readonly fetches: number;
  readonly rssMb: number;
  readonly peakRssMb: number;
}

/** How it is measured. */
export interface Load {
  readonly ms: number;
  readonly connections: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Puts a contender under load. Rejects when an answer is not the expected one, byte by byte. */
export async function measure(running: Running, scenario: Scenario, load: Load, workers: Workers): Promise<Sample> {
  const { pid, port } = running;
  const before = { cpu: cpuSecondsOf(pid), fetches: await workers.countFetches() };
  const { headers = {}, ...rest } = load;
  const result = await workers.load({ port, path: '/graphql', body: scenario.body, headers, ...rest });
  const cpuMs = (cpuSecondsOf(pid) - before.cpu) * 1_000;
  const fetches = (await workers.countFetches()) - before.fetches;
  check(running, scenario, result);
  const { requests, seconds, latencies } = result;
  const at = (share: number) => latencies[Math.min(latencies.length - 1, Math.floor(share * latencies.length))] ?? 0;
  return {
    rps: requests / seconds,
    cpuMs: cpuMs / requests,
    p50: at(0.5),
    p99: at(0.99),
    fetches: fetches / requests,
    ...memoryOf(pid),
  };
}

/** The first and the last answer are compared in full, all others by status and size. */
function check({ contender }: Running, { expected }: Scenario, { bodies, odd }: LoadResult): void {
  // Some servers end an answer with a line feed.
  const other = bodies.find((body) => body.trimEnd() !== expected);
  if (other === undefined && odd === 0) return;
  const at = [...(other ?? '')].findIndex((character, index) => character !== expected[index]);
  const found = other?.slice(Math.max(0, at - 60), at + 200);
  throw new Error(`${contender.name} answered wrongly (${odd} of another size): ${found ?? ''}`);
}

/** Median and least of some figures, rounded to three digits. */
export function spread(figures: readonly number[]): { readonly median: number; readonly min: number } {
  const sorted = [...figures].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[middle] : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
  return { median: round(median ?? Number.NaN), min: round(sorted[0] ?? Number.NaN) };
}

/** Three significant digits. */
export function round(figure: number): number {
  return Number(figure.toPrecision(3));
}
