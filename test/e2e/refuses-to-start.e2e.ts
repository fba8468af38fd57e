import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { toBoundPort } from '../../app/free-port.ts';
import { spawnEntry, startServerProcess } from '../../app/server-process.ts';

let dataDir: string;
let ports: { PORT: string; SANDBOX_PORT: string };
const made: string[] = [];
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'tributary-start-'));
  made.push(dataDir);
  ports = { PORT: String(await toBoundPort(0, '127.0.0.1')), SANDBOX_PORT: String(await toBoundPort(0, '127.0.0.1')) };
});
const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});
afterAll(() => Promise.all(made.map((path) => rm(path, { recursive: true, force: true }))));

/** Runs `npm start` with these variables until it ends; its status and what it wrote to standard error. */
async function start(env: Record<string, string>) {
  const child = spawnEntry('start.ts', { ...ports, DATA_DIR: dataDir, ...env });
  let text = '';
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), 45_000);
  const [status] = await once(child, 'close');
  clearTimeout(timer);
  return { status, text };
}

describe('npm start', () => {
  it.each([
    ['PORT', { PORT: 'forty' }],
    ['LOG_LEVEL', { LOG_LEVEL: 'loud' }],
    ['MONGODB_URI', { MONGODB_URI: 'postgres://somewhere' }],
    ['KAFKA_BROKERS', { KAFKA_BROKERS: 'localhost' }],
    ['NODE_ENV', { NODE_ENV: 'staging' }],
    ['STRIPE_API_KEY', { STRIPE_API_KEY: 'pk_live_secret' }],
    ['STRIPE_WEBHOOK_SECRET', { STRIPE_API_KEY: 'sk_test_x' }],
    ['OIDC_ISSUER', { NODE_ENV: 'production', STRIPE_API_KEY: 'sk_test_x', STRIPE_WEBHOOK_SECRET: 'whsec_x' }],
    ['STRIPE_API_KEY', { NODE_ENV: 'production', OIDC_ISSUER: 'https://issuer.example' }],
  ])('stops with CONFIG_INVALID that names %s and not its value: %j', async (name, env) => {
    const { status, text } = await start(env);
    expect({ status, text }).toEqual({
      status: 1,
      text: expect.stringMatching(new RegExp(`^CONFIG_INVALID: ${name} must `, 'm')),
    });
    for (const value of Object.values(env).filter((value) => /secret|sk_/.test(value)))
      expect(text).not.toContain(value);
    expect(text).not.toMatch(/\n\s+at /);
  });

  it('stops with PORT_IN_USE when another program listens there', async () => {
    const server = createServer().listen(Number(ports.PORT), '127.0.0.1');
    await once(server, 'listening');
    cleanUps.push(() => new Promise((resolve) => server.close(resolve)));
    expect(await start({})).toEqual({ status: 1, text: expect.stringContaining(`PORT_IN_USE: `) });
  });

  it('stops with DATA_DIR_LOCKED when a server runs on the folder, which goes on', async () => {
    const first = await startServerProcess({
      dataDir,
      port: Number(ports.PORT),
      sandboxPort: Number(ports.SANDBOX_PORT),
    });
    cleanUps.push(() => first.stop());
    const second = {
      PORT: String(await toBoundPort(0, '127.0.0.1')),
      SANDBOX_PORT: String(await toBoundPort(0, '127.0.0.1')),
    };
    expect(await start(second)).toEqual({ status: 1, text: expect.stringContaining('DATA_DIR_LOCKED: ') });
    expect((await fetch(`${first.url}/health/ready`)).status).toBe(200);
  });

  it('stops with DATA_DIR_VERSION on a folder of a newer version and leaves it alone', async () => {
    await writeFile(join(dataDir, 'VERSION'), '99\n');
    expect(await start({})).toEqual({ status: 1, text: expect.stringContaining('DATA_DIR_VERSION: ') });
    expect(await readdir(dataDir)).toEqual(['VERSION']);
  });

  it('stops with DATA_DIR_UNWRITABLE when a file stands in its place', async () => {
    const file = join(dataDir, 'file');
    await writeFile(file, '');
    expect(await start({ DATA_DIR: file })).toEqual({
      status: 1,
      text: expect.stringContaining('DATA_DIR_UNWRITABLE: '),
    });
  });

  it.each(['store', 'bus'])('stops with DATA_CORRUPT when the file of the %s is not one', async (part) => {
    await writeFile(join(dataDir, 'VERSION'), '1\n');
    const lmdbFile = await corruptibleFile(part);
    await writeFile(lmdbFile, 'not a database '.repeat(2_000));
    expect(await start({})).toEqual({ status: 1, text: expect.stringContaining('DATA_CORRUPT: ') });
  });
});

/** Where the part keeps its lmdb file, learned from a real start. */
async function corruptibleFile(part: string): Promise<string> {
  await rm(dataDir, { recursive: true, force: true });
  await mkdir(dataDir);
  const server = await startServerProcess({
    dataDir,
    port: Number(ports.PORT),
    sandboxPort: Number(ports.SANDBOX_PORT),
  });
  await server.stop();
  const entries = await readdir(join(dataDir, part), { recursive: true, withFileTypes: true });
  const file = entries.find(
    (entry) => entry.isFile() && /\.(mdb|lmdb)$/.test(entry.name) && !entry.name.includes('lock'),
  );
  if (!file) throw new Error(`${part} has no lmdb file.`);
  return join(file.parentPath, file.name);
}
