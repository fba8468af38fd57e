import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readGatewayConfig } from '../../../gateway/config/read-config.ts';
import { toGatewayOptions, toHttpSubgraphs } from '../../../gateway/config/to-options.ts';
import { graphOfVersion } from '../live/versions.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-config-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function read(text: string, env: Record<string, string> = {}) {
  const file = join(folder, 'gateway.yaml');
  await writeFile(file, text);
  return readGatewayConfig(file, env);
}

describe('a configuration file', () => {
  it('is YAML or JSON, and may be empty', async () => {
    expect(await read('')).toEqual({});
    expect(await read('limits:\n  depth: 5\n')).toEqual({ limits: { depth: 5 } });
    expect(await read('{"limits": {"depth": 5}}')).toEqual({ limits: { depth: 5 } });
  });

  it('takes texts from the environment', async () => {
    const text = `supergraph:\n  headers:\n    authorization: Bearer \${KEY}\n`;
    expect(await read(text, { KEY: 'abc' })).toEqual({ supergraph: { headers: { authorization: 'Bearer abc' } } });
    await expect(read(text)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(/:3: supergraph\.headers\.authorization: expected the variable KEY to be set\.$/),
    });
  });

  it.each([
    ['limits:\n  depht: 3\n', 'limits.depht', /:2: limits\.depht is not known here; did you mean depth\?$/],
    ['zzz: 1', 'zzz', /:1: zzz is not known here; expected \$schema, supergraph, limits/],
    ['limits: 5', 'limits', /:1: limits: expected object\.$/],
    ['limits: { depth: deep }', 'limits.depth', /limits\.depth: expected number\.$/],
    [
      'traffic:\n  retry:\n    attempts: x\n',
      'traffic.retry.attempts',
      /:3: traffic\.retry\.attempts: expected number\.$/,
    ],
    ['traffic: { retry: true }', 'traffic.retry', /traffic\.retry: expected false or object\.$/],
    ['traffic: { timeoutMs: 0 }', 'traffic.timeoutMs', /expected number to be >=1\.$/],
    ['apq: { sise: 4 }', 'apq.sise', /apq\.sise is not known here; did you mean size\?$/],
    ['authorization: ask', 'authorization', /expected one of "prune"\|"reject"\.$/],
    ['subgraphs: { a: { url: nope } }', 'subgraphs.a.url', /expected an http or https URL\.$/],
    ['telemetry: { prometheus: { port: x } }', 'telemetry.prometheus.port', /expected number\.$/],
    ['trustedDocuments: {}', 'trustedDocuments.manifest', /expected string\.$/],
    ['[]', 'the file', /the file: expected object\.$/],
  ])('%j is refused with file, line, path and what was expected', async (text, setting, message) => {
    await expect(read(text)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(message),
      extensions: { setting },
    });
  });

  it('never shows the value that is wrong', async () => {
    await expect(read('traffic: { headers: { set: hunter2 } }')).rejects.toMatchObject({
      message: expect.not.stringContaining('hunter2'),
    });
  });

  it.each([
    ['is no YAML', async () => read('a: [')],
    ['is not there', async () => readGatewayConfig(join(folder, 'absent.yaml'))],
  ])('that %s is CONFIG_INVALID', async (_, reading) => {
    await expect(reading()).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });
});

describe('options of a gateway', () => {
  it('come from the file, paths relative to it, defaults filled in where a group was begun', () => {
    expect(
      toGatewayOptions(
        {
          supergraph: { graceMs: 5, warmUp: { operations: 3 } },
          limits: { depth: 4 },
          trustedDocuments: { manifest: 'm.json', only: true },
          apq: {},
          batching: true,
          compression: { minBytes: 9 },
        },
        '/etc/gateway/config.yaml',
      ),
    ).toEqual({
      limits: { depth: 4 },
      schemaGraceMs: 5,
      schemaWarmUp: { operations: 3, timeoutMs: 10_000 },
      trustedDocuments: { manifest: '/etc/gateway/m.json', only: true },
      apq: { size: 1_000 },
      batching: true,
      compression: { minBytes: 9 },
    });
    expect(toGatewayOptions({}, '')).toEqual({});
  });

  it('say where subgraphs are: the file, else the environment, else the supergraph', () => {
    const { supergraphSdl } = graphOfVersion(1);
    const config = { traffic: { timeoutMs: 7 }, subgraphs: { things: { url: 'http://file/', dedupe: true } } };
    expect(
      toHttpSubgraphs(supergraphSdl, { config, elsewhere: { things: 'http://env/', prices: 'http://env/p' } }),
    ).toEqual({
      subgraphs: {
        things: { url: 'http://file/', dedupe: true, trusted: false },
        prices: { url: 'http://env/p', trusted: false },
      },
      all: { timeoutMs: 7 },
    });
    expect(toHttpSubgraphs(supergraphSdl, {}).subgraphs['prices']?.url).toBe('http://prices');
  });

  it.each([
    ['the file', { config: { subgraphs: { nobody: {} } } }],
    ['the environment', { elsewhere: { nobody: 'http://env/' } }],
  ])('refuse a subgraph of %s that the supergraph does not have', (_, options) => {
    expect(() => toHttpSubgraphs(graphOfVersion(1).supergraphSdl, options)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining('nobody') }),
    );
  });
});
