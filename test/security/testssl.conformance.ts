import { execFile, execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Authority, createAuthority, writeFiles } from '../support/certificates.ts';
import { type OwnServer, startOwnServer } from '../support/own-server.ts';
import { writeAnew } from '../support/test-certificate.ts';
import { createTrustingFetch } from '../support/trusting-fetch.ts';
import { until } from '../support/until.ts';

/** One line of testssl.sh's report. */
interface Finding {
  readonly id: string;
  readonly severity: string;
  readonly finding: string;
}

/** testssl.sh's severities that are no complaint, or a low one. */
const HARMLESS = ['OK', 'INFO', 'LOW'];

/** Findings that are not ours, each with its reason. */
const ACCEPTED: Readonly<Record<string, string>> = {
  cert_revocation: 'the authority of the test publishes no revocations: nobody could fetch them',
  sessionresumption_ticket:
    'WARN where the machine is too busy for its two connections in a row; test/lib/web-server.test.ts resumes sessions',
  engine_problem: 'the OpenSSL of the machine has no GOST engine; no such cipher is looked for',
};

/**
 * Protocols, cipher categories, the server's preferences, forward secrecy, defaults and certificate, headers, and every known
 * vulnerability: about 45 s, so that nothing is left out by `--fast`. `-n none`: it looks nothing up elsewhere.
 */
const CHECKS = ['-p', '-s', '-P', '-f', '-S', '-h', '-U', '-n', 'none', '--quiet', '--color', '0', '--warnings', 'off'];

/** Debian's package has it as `testssl`, its authors as `testssl.sh`. */
function findProgram(): string | undefined {
  return ['testssl', 'testssl.sh'].find((name) => {
    try {
      execFileSync(name, ['--version'], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  });
}

const program = findProgram();
if (!program) console.warn('testssl.sh NOT RUN: the program testssl is not installed (Debian: testssl.sh).');

describe.skipIf(!program)('testssl.sh, on a server with its certificate', () => {
  let authority: Authority;
  let files: Awaited<ReturnType<typeof writeFiles<'ca' | 'cert' | 'key'>>>;
  let trusting: ReturnType<typeof createTrustingFetch>;
  let server: OwnServer;
  let folder: string;

  beforeAll(async () => {
    authority = await createAuthority();
    files = await writeFiles({ ca: authority.cert, ...(await issue({})) });
    trusting = createTrustingFetch(authority.cert);
    vi.stubGlobal('fetch', trusting.fetch);
    folder = await mkdtemp(join(tmpdir(), 'tributary-testssl-'));
    server = await startOwnServer({ TLS_CERT: files.paths.cert, TLS_KEY: files.paths.key, LOG_LEVEL: 'info' });
  });
  afterAll(async () => {
    await server?.close();
    await trusting?.close();
    await files?.remove();
    await rm(folder, { recursive: true, force: true });
    vi.unstubAllGlobals();
  });

  /** As long as authorities of browsers issue them. */
  function issue(kind: { rsaBits?: number }) {
    return authority.issue({ ...kind, to: Date.now() + 300 * 86_400_000 });
  }

  async function run(name: string): Promise<Finding[]> {
    const report = join(folder, `${name}.json`);
    const target = `localhost:${new URL(server.url).port}`;
    const args = [...CHECKS, '--add-ca', files.paths.ca, '--jsonfile', report, '--ip', '127.0.0.1', target];
    // Its status is the number of findings; the report is what counts.
    await promisify(execFile)(program ?? '', args, { maxBuffer: 10_000_000 }).catch((error) => {
      if (typeof error.code !== 'number') throw error;
    });
    return JSON.parse(await readFile(report, 'utf8')) as Finding[];
  }

  it.each([
    ['P-256', {}],
    ['RSA', { rsaBits: 2_048 }],
  ])('finds nothing above low, with a key on %s', { timeout: 300_000 }, async (name, kind) => {
    const renewals = () => server.process().output().split('a new certificate is in use').length;
    const before = renewals();
    const { cert, key } = await issue(kind);
    await writeAnew(files.paths.cert, cert);
    await writeAnew(files.paths.key, key);
    await until('it is in use', () => renewals() > before);
    const findings = await run(name);
    const worse = findings.filter(({ severity, id }) => !HARMLESS.includes(severity) && !Object.hasOwn(ACCEPTED, id));
    expect(worse).toEqual([]);
    const said = new Map(findings.map(({ id, severity }) => [id, severity]));
    const good = [
      'SSLv2',
      'SSLv3',
      'TLS1_2',
      'TLS1_3',
      'PFS',
      'cipher_order',
      'HSTS_time',
      'LUCKY13',
      'ROBOT',
      'SWEET32',
    ];
    expect(good.map((id) => [id, said.get(id)])).toEqual(good.map((id) => [id, 'OK']));
    const old = findings.filter(({ id }) => id === 'TLS1' || id === 'TLS1_1').map(({ finding }) => finding);
    expect(old).toEqual(['not offered', 'not offered']);
  });
});
