import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DATA_VERSION, openDataDir } from '../../lib/data-dir.ts';

let parent: string;
let path: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'data-dir-'));
  path = join(parent, 'data');
});
afterEach(() => rm(parent, { recursive: true, force: true }));

const modeOf = async (folder: string) => (await stat(folder)).mode & 0o777;
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'fulfilled',
    (error: { code?: string }) => error.code,
  );

describe('openDataDir', () => {
  it('makes the folder, private to the user, and stamps the version', async () => {
    const dir = await openDataDir({ path });
    expect(await readFile(join(path, 'VERSION'), 'utf8')).toBe(`${DATA_VERSION}\n`);
    expect(await modeOf(path)).toBe(0o700);
    await dir.close();
  });

  it.skipIf(process.platform === 'win32')('makes a folder private that was there before', async () => {
    await mkdir(path, { mode: 0o755 });
    await (await openDataDir({ path })).close();
    expect(await modeOf(path)).toBe(0o700);
  });

  it('opens a folder that only holds keys', async () => {
    await mkdir(join(path, 'keys'), { recursive: true });
    await (await openDataDir({ path })).close();
    expect(await readdir(path)).toEqual(['VERSION', 'keys']);
  });

  it('refuses a folder of something else', async () => {
    await mkdir(path);
    await writeFile(join(path, 'thesis.txt'), '');
    expect(await codeOf(openDataDir({ path }))).toBe('DATA_DIR_VERSION');
  });

  it('refuses a version that is not a number', async () => {
    await mkdir(path);
    await writeFile(join(path, 'VERSION'), 'one');
    expect(await codeOf(openDataDir({ path }))).toBe('DATA_DIR_VERSION');
  });

  it('refuses a newer version and leaves it as it is', async () => {
    await (await openDataDir({ path, version: 7 })).close();
    expect(await codeOf(openDataDir({ path, version: 3 }))).toBe('DATA_DIR_VERSION');
    expect(await readFile(join(path, 'VERSION'), 'utf8')).toBe('7\n');
  });

  it('migrates an older version step by step after a backup', async () => {
    await (await openDataDir({ path, version: 1 })).close();
    await writeFile(join(path, 'note'), 'one');
    const step = (from: number) => ({ from, migrate: (at: string) => writeFile(join(at, 'note'), `after ${from}`) });
    await (await openDataDir({ path, version: 3, migrations: [step(2), step(1)] })).close();
    expect(await readFile(join(path, 'note'), 'utf8')).toBe('after 2');
    expect(await readFile(join(path, 'VERSION'), 'utf8')).toBe('3\n');
    expect(await readFile(join(`${path}.backup-v1`, 'note'), 'utf8')).toBe('one');
  });

  it('refuses an older version without a way to migrate and can be opened by the old code still', async () => {
    await (await openDataDir({ path, version: 1 })).close();
    expect(await codeOf(openDataDir({ path, version: 2 }))).toBe('DATA_DIR_VERSION');
    await (await openDataDir({ path, version: 1 })).close();
  });

  it('refuses a second holder and lets the next one in after a release', async () => {
    const first = await openDataDir({ path });
    expect(await codeOf(openDataDir({ path }))).toBe('DATA_DIR_LOCKED');
    await first.close();
    await (await openDataDir({ path })).close();
  });

  it('is free again when its holder was killed', async () => {
    const module = new URL('../../lib/data-dir.ts', import.meta.url).href;
    const script = `const { openDataDir } = await import(${JSON.stringify(module)}); await openDataDir({ path: ${JSON.stringify(path)} }); console.log('held'); setInterval(() => {}, 1000);`;
    const holder = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(holder.stdout, 'data');
    expect(await codeOf(openDataDir({ path }))).toBe('DATA_DIR_LOCKED');
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    await (await openDataDir({ path })).close();
  });

  it('names DATA_DIR when a file stands in its place', async () => {
    await writeFile(path, '');
    expect(await codeOf(openDataDir({ path }))).toBe('DATA_DIR_UNWRITABLE');
  });

  it.skipIf(process.getuid?.() === 0)('names DATA_DIR when it may not be written', async () => {
    await mkdir(path);
    await chmod(path, 0o500);
    expect(await codeOf(openDataDir({ path }))).toBe('DATA_DIR_UNWRITABLE');
  });
});
