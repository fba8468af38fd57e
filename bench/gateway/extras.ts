import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { exportJWK, SignJWT } from 'jose';
import { own, type Places, plain } from './contenders.ts';
import { measure, round, spread } from './measure.ts';
import { type Running, startContender } from './running.ts';
import { growingScenario, type Scenario, smallScenario } from './scenarios.ts';
import type { Workers } from './workers.ts';

/** What the smaller measurements share. */
export interface ExtrasOptions {
  readonly places: Places;
  readonly workers: Workers;
  readonly pin: boolean;
  readonly ms: number;
  readonly rounds: number;
  readonly nested: Scenario;
  /** Of the repeating and of the non-repeating data set. */
  readonly targets: Readonly<Record<string, { readonly supergraphFile: string; readonly base: string }>>;
}

/** The first request for the standard operation, against a second one: planning and compiling. Milliseconds. */
export async function coldPlan(options: ExtrasOptions) {
  const { places, workers, pin, nested, targets } = options;
  const firsts: number[] = [];
  const seconds: number[] = [];
  for (let index = 0; index < options.rounds; index += 1) {
    const process = await startContender(own(places, 'cold', []), targetOf(targets, nested), pin);
    // The planner builds itself in its thread: it is done by now.
    await delay(2_000);
    const once = () => measure(process, nested, { ms: 0, connections: 1 }, workers);
    firsts.push((await once()).p50);
    seconds.push((await once()).p50);
    await process.stop();
  }
  return { firstMs: spread(firsts), secondMs: spread(seconds) };
}

/** One subgraph's answer of about 1 kB passed on, against a bare node:http server that answers with as much. */
export async function smallQuery(options: ExtrasOptions) {
  const scenario = smallScenario();
  const bytes = Buffer.byteLength(scenario.expected);
  const constant = { ...scenario, expected: JSON.stringify({ data: 'x'.repeat(bytes - 11) }) };
  const { places, pin, targets } = options;
  const target = targetOf(targets, scenario);
  const ours = await startContender(own(places, 'small', []), target, pin);
  const bare = await startContender(plain(places, 'constant', bytes), target, pin);
  const pairs = await byTurns(options, [
    [ours, scenario],
    [bare, constant],
  ]);
  const cpuMs = pairs.map(([a]) => a ?? Number.NaN);
  const bareCpuMs = pairs.map(([, b]) => b ?? Number.NaN);
  const overhead = spread(pairs.map(([a = 0, b = 0]) => a / b));
  return { bytes, cpuMs: spread(cpuMs), bareCpuMs: spread(bareCpuMs), overhead };
}

/** CPU of a request as its answer grows tenfold and a hundredfold; `perKb` would stay the same if it were only the bytes. */
export async function growth(options: ExtrasOptions) {
  const { places, workers, pin, targets } = options;
  const scenarios = [1, 10, 100].map((times) => ({ times, scenario: growingScenario(times) }));
  const [first] = scenarios;
  const process = await startContender(own(places, 'growth', []), targetOf(targets, first?.scenario), pin);
  const rows = [];
  for (const { times, scenario } of scenarios) {
    const load = { ms: options.ms, connections: 10 };
    await measure(process, scenario, load, workers);
    const { cpuMs } = await measure(process, scenario, load, workers);
    const kb = Buffer.byteLength(scenario.expected) / 1_000;
    rows.push({ times, kb: round(kb), cpuMs: round(cpuMs), cpuMsPerKb: round(cpuMs / kb) });
  }
  await process.stop();
  return rows;
}

/** Signed tokens verified, against anonymous callers: the share of CPU a request that it adds. Each connection has one token. */
export async function authentication(options: ExtrasOptions) {
  const { places, pin, targets, nested } = options;
  const folder = await mkdtemp(join(tmpdir(), 'tributary-bench-jwks-'));
  try {
    const { jwksFile, token } = await issue(folder);
    const args = ['--jwks', jwksFile, '--issuer', ISSUER, '--audience', AUDIENCE];
    const target = targetOf(targets, nested);
    const closed = await startContender(own(places, 'authenticated', args), target, pin);
    const open = await startContender(own(places, 'anonymous', []), target, pin);
    const pairs = await byTurns(options, [
      [closed, nested, { authorization: `Bearer ${token}` }],
      [open, nested],
    ]);
    return { addedShare: spread(pairs.map(([a = 0, b = 0]) => a / b - 1)) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const ISSUER = 'https://issuer.test';
const AUDIENCE = 'bench';

async function issue(folder: string) {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const jwk = { ...(await exportJWK(publicKey)), kid: 'bench', alg: 'EdDSA', use: 'sig' };
  const jwksFile = join(folder, 'jwks.json');
  await writeFile(jwksFile, JSON.stringify({ keys: [jwk] }));
  const token = await new SignJWT({ tenant: 'acme', roles: ['admin'], scope: 'customers:read', client_id: 'bench' })
    .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: 'bench' })
    .setSubject('bench')
    .setJti('bench')
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(privateKey);
  return { jwksFile, token };
}

type Turn = readonly [Running, Scenario, Readonly<Record<string, string>>?];

/** CPU milliseconds a request of each, round by round, after a warm-up; then they are stopped. */
async function byTurns({ workers, ms, rounds }: ExtrasOptions, turns: readonly Turn[]): Promise<number[][]> {
  const found: number[][] = [];
  for (let index = -1; index < rounds; index += 1) {
    const row: number[] = [];
    for (const [process, scenario, headers = {}] of turns)
      row.push((await measure(process, scenario, { ms, connections: 50, headers }, workers)).cpuMs);
    if (index >= 0) found.push(row);
  }
  for (const [process] of turns) await process.stop();
  return found;
}

function targetOf(targets: ExtrasOptions['targets'], scenario: Scenario | undefined) {
  const target = targets[scenario?.set ?? ''];
  if (!target) throw new Error(`The data set ${scenario?.set} was not opened.`);
  return target;
}
