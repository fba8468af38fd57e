import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createFrozenClock } from '../../lib/clock.ts';
import { openServerCertificate } from '../../lib/server-certificate.ts';
import { createAuthority, type Issued, writeFiles } from '../support/certificates.ts';
import { createLogKeeper, openTestCertificate, type TestCertificate, writeAnew } from '../support/test-certificate.ts';
import { until } from '../support/until.ts';

const DAY_MS = 86_400_000;
const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function open(...[options]: Parameters<typeof openTestCertificate>): Promise<TestCertificate> {
  const opened = await openTestCertificate(options);
  closers.push(opened.close);
  return opened;
}

const inUse = ({ certificate }: TestCertificate) => certificate.current().cert;
const errorsOf = ({ log }: TestCertificate) => log.filter(({ level }) => level === 'error');
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('a server certificate', () => {
  it('comes with its key and the policy, and says which names it is for', async () => {
    const own = await open();
    expect(own.certificate.current()).toMatchObject({ minVersion: 'TLSv1.2', key: expect.stringContaining('PRIVATE') });
    const names = ['localhost', '127.0.0.1', 'LOCALHOST', 'crm.example', '127.0.0.2', ''];
    expect(names.map((name) => own.certificate.covers(name))).toEqual([true, true, true, false, false, false]);
  });

  it('is replaced when its files are, and tells who listens and the log', async () => {
    const own = await open();
    const seen: string[] = [];
    const stop = own.certificate.onRenewal(() => seen.push(inUse(own)));
    const [second, third] = [await own.authority.issue(), await own.authority.issue()];
    await own.replace(second);
    await until('the second is in use', () => seen.length === 1);
    stop();
    await own.replace(third);
    await until('the third is in use', () => inUse(own) === third.cert);
    expect(seen).toEqual([second.cert]);
    const line = own.log.find(({ message }) => message === 'a new certificate is in use');
    expect(Date.parse(String(line?.facts['endsAt']))).toBeGreaterThan(Date.now());
  });

  it('is not complained of between the writing of its two files', async () => {
    const own = await open({ settleMs: 300 });
    const next = await own.authority.issue();
    await own.replace(next, 500);
    await until('the new one is in use', () => inUse(own) === next.cert);
    expect(errorsOf(own)).toEqual([]);
  });

  it('stays as it is when nothing but the folder changes', async () => {
    const own = await open();
    let renewals = 0;
    own.certificate.onRenewal(() => renewals++);
    await writeAnew(join(own.paths.cert, '..', 'other.pem'), 'something');
    await writeAnew(own.paths.cert, inUse(own));
    await pause(150);
    expect([renewals, own.log]).toEqual([0, []]);
  });
});

describe('a new pair that cannot be used', () => {
  const cases: Record<string, (own: TestCertificate) => Promise<Partial<Issued>>> = {
    'half a certificate': async ({ authority }) => ({ cert: (await authority.issue()).cert.slice(0, 300) }),
    'an empty key': async () => ({ key: '' }),
    'another key': async ({ authority }) => ({ key: (await authority.issue()).key }),
    'an expired pair': ({ authority }) => authority.issue({ from: Date.now() - 9 * DAY_MS, to: Date.now() - DAY_MS }),
    'a pair of tomorrow': ({ authority }) =>
      authority.issue({ from: Date.now() + DAY_MS, to: Date.now() + 9 * DAY_MS }),
    'a key of 1024 bits': ({ authority }) => authority.issue({ rsaBits: 1_024 }),
  };

  it.each(Object.keys(cases))('leaves the old one in use, with an error in the log: %s', async (name) => {
    const own = await open();
    const before = own.certificate.current();
    const next = await cases[name]?.(own);
    await own.replace({ cert: before.cert, key: before.key, ...next });
    await until('it is complained of', () => errorsOf(own).length > 0);
    expect(own.certificate.current()).toEqual(before);
    expect(errorsOf(own).map(({ facts }) => facts['code'])).toEqual(['CONFIG_INVALID']);
    const good = await own.authority.issue();
    await own.replace(good);
    await until('a good one is in use', () => inUse(own) === good.cert);
  });

  it('may be that it is gone', async () => {
    const own = await open();
    await rm(own.paths.cert);
    await until('it is complained of', () => errorsOf(own).length === 1);
    const good = await own.authority.issue();
    await own.replace(good);
    await until('a good one is in use', () => inUse(own) === good.cert);
  });

  it('stops the start, naming the variable', async () => {
    const issued = await (await createAuthority()).issue({ rsaBits: 1_024 });
    const { paths, remove } = await writeFiles(issued);
    closers.push(remove);
    const files = { cert: { variable: 'TLS_CERT', path: paths.cert }, key: { variable: 'TLS_KEY', path: paths.key } };
    expect(() => openServerCertificate({ files })).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        message: expect.stringMatching(/^TLS_CERT .*KEY_TOO_SMALL/),
        extensions: { variable: 'TLS_CERT' },
      }),
    );
  });
});

describe('the end of a certificate', () => {
  it('is warned of from 14 days before, once a day, until there is a new one', async () => {
    const clock = createFrozenClock(Date.now());
    const own = await open({ clock, pollMs: 15 });
    const warnings = () => own.log.filter(({ level }) => level === 'warn').length;
    clock.advance(75 * DAY_MS);
    await pause(80);
    expect(warnings()).toBe(0);
    for (const day of [1, 2, 3]) {
      clock.advance(DAY_MS + 1);
      await until(`warning ${day}`, () => warnings() === day);
    }
    await pause(80);
    expect(warnings()).toBe(3);
    await own.replace(await own.authority.issue({ to: clock.now() + 90 * DAY_MS }));
    await until('the new one', () => own.log.some(({ level }) => level === 'info'));
    clock.advance(DAY_MS + 1);
    await pause(80);
    expect(warnings()).toBe(3);
  });

  it('is an error once it has come, each day, and the certificate stays in use', async () => {
    const clock = createFrozenClock(Date.now());
    const own = await open({ clock, pollMs: 15 });
    const before = inUse(own);
    clock.advance(91 * DAY_MS);
    await until('the first error', () => errorsOf(own).length === 1);
    clock.advance(DAY_MS + 1);
    await until('the second', () => errorsOf(own).length === 2);
    expect([inUse(own), errorsOf(own)[0]?.facts['code']]).toEqual([before, 'CONFIG_INVALID']);
  });
});

describe('a renewal by swapping a symbolic link', () => {
  async function layOut(issued: Issued, folder: string) {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'tls.crt'), issued.cert);
    await writeFile(join(folder, 'tls.key'), issued.key);
  }
  async function swap(target: string, link: string) {
    await symlink(target, `${link}.new`);
    await rename(`${link}.new`, link);
  }
  async function scene() {
    const authority = await createAuthority();
    const [first, second] = [await authority.issue(), await authority.issue()];
    const folder = await mkdtemp(join(tmpdir(), 'tributary-swap-'));
    closers.push(() => rm(folder, { recursive: true, force: true }));
    return { first, second, folder };
  }
  function watch(folder: string) {
    const files = {
      cert: { variable: 'TLS_CERT', path: join(folder, 'tls.crt') },
      key: { variable: 'TLS_KEY', path: join(folder, 'tls.key') },
    };
    const logger = createLogKeeper();
    const certificate = openServerCertificate({ files, logger, times: { settleMs: 20 } });
    closers.push(async () => certificate.close());
    return { certificate, logger };
  }

  it('is seen where files link to a folder that links to another (Kubernetes)', async () => {
    const { first, second, folder } = await scene();
    await layOut(first, join(folder, '..1'));
    await symlink('..1', join(folder, '..data'));
    for (const name of ['tls.crt', 'tls.key']) await symlink(join('..data', name), join(folder, name));
    const { certificate, logger } = watch(folder);
    await layOut(second, join(folder, '..2'));
    await swap('..2', join(folder, '..data'));
    await rm(join(folder, '..1'), { recursive: true });
    await until('the second is in use', () => certificate.current().cert === second.cert);
    expect(logger.lines.map(({ level }) => level)).not.toContain('error');
  });

  it('is seen where each file is a link of its own (certbot)', async () => {
    const { first, second, folder } = await scene();
    const live = join(folder, 'live');
    await mkdir(live);
    for (const [number, issued] of [first, second].entries())
      await layOut(issued, join(folder, 'archive', `${number}`));
    for (const name of ['tls.crt', 'tls.key']) await symlink(join('../archive/0', name), join(live, name));
    const { certificate } = watch(live);
    for (const name of ['tls.crt', 'tls.key']) await swap(join('../archive/1', name), join(live, name));
    await until('the second is in use', () => certificate.current().cert === second.cert);
  });

  it('is seen by the next look where the system tells of nothing: the folder itself was replaced', async () => {
    const { first, second, folder } = await scene();
    const [live, next] = [join(folder, 'a', 'live'), join(folder, 'b')];
    await layOut(first, live);
    await layOut(second, next);
    const files = {
      cert: { variable: 'TLS_CERT', path: join(live, 'tls.crt') },
      key: { variable: 'TLS_KEY', path: join(live, 'tls.key') },
    };
    const certificate = openServerCertificate({ files, times: { settleMs: 20, pollMs: 50 } });
    closers.push(async () => certificate.close());
    await rm(live, { recursive: true });
    await rename(next, live);
    await until('the second is in use', () => certificate.current().cert === second.cert);
    const third = await (await createAuthority()).issue();
    await layOut(third, live);
    await until('the third is in use', () => certificate.current().cert === third.cert);
  });
});
