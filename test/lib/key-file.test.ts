import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadOrCreateKey } from '../../lib/key-file.ts';

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'key-file-'));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

describe('loadOrCreateKey', () => {
  it('makes a key once and returns the same one ever after', async () => {
    const first = await loadOrCreateKey({ dataDir, name: 'identity' });
    expect(await loadOrCreateKey({ dataDir, name: 'identity' })).toEqual(first);
    expect(await loadOrCreateKey({ dataDir, name: 'other' })).not.toEqual(first);
  });

  it('keeps it readable by its owner only, and leaves no draft behind', async () => {
    await loadOrCreateKey({ dataDir, name: 'identity' });
    const folder = join(dataDir, 'keys');
    expect((await stat(join(folder, 'identity.json'))).mode & 0o777).toBe(0o600);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect(await readdir(folder)).toEqual(['identity.json']);
  });

  it('takes back a mode that was widened', async () => {
    await loadOrCreateKey({ dataDir, name: 'identity' });
    const path = join(dataDir, 'keys', 'identity.json');
    await chmod(path, 0o644);
    await loadOrCreateKey({ dataDir, name: 'identity' });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('gives callers that race in one process the same key', async () => {
    const racers = Array.from({ length: 20 }, () => loadOrCreateKey({ dataDir, name: 'identity' }));
    expect(new Set((await Promise.all(racers)).map((key) => key.d)).size).toBe(1);
  });

  it('gives processes that race the same key', async () => {
    const module = new URL('../../lib/key-file.ts', import.meta.url).href;
    const program = `import { loadOrCreateKey } from ${JSON.stringify(module)};
      process.stdin.once('data', async () => {
        console.log((await loadOrCreateKey({ dataDir: ${JSON.stringify(dataDir)}, name: 'identity' })).kid);
        process.exit(0);
      });
      console.log('ready');`;
    const racers = [1, 2].map(() =>
      spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
        stdio: ['pipe', 'pipe', 'inherit'],
      }),
    );
    await Promise.all(racers.map((racer) => once(racer.stdout, 'readable')));
    for (const racer of racers) racer.stdin.write('go\n');
    const printed = await Promise.all(racers.map((racer) => text(racer.stdout)));
    expect(printed[0]).toMatch(/^ready\n[\w-]{43}\n$/);
    expect(printed[1]).toBe(printed[0]);
  });

  it.each(['', 'not json', '{}', '{"kty":"OKP","crv":"Ed25519","x":"AA","d":"AA"}'])(
    'names a file that holds %j and never replaces it',
    async (content) => {
      const path = join(dataDir, 'keys', 'identity.json');
      await mkdir(join(dataDir, 'keys'));
      await writeFile(path, content);
      await expect(loadOrCreateKey({ dataDir, name: 'identity' })).rejects.toMatchObject({ code: 'DATA_CORRUPT' });
      expect(await readFile(path, 'utf8')).toBe(content);
    },
  );

  it('says so when the folder cannot be written', async () => {
    await writeFile(join(dataDir, 'keys'), 'a file where the folder belongs');
    await expect(loadOrCreateKey({ dataDir, name: 'identity' })).rejects.toMatchObject({ code: 'DATA_DIR_UNWRITABLE' });
  });
});
