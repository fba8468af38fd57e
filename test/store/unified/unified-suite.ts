import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { silentLogger } from '../../../lib/logger.ts';
import { startEmbedded } from '../../../store/embedded/start-embedded.ts';
import {
  type KnownFailure,
  readCompatibility,
  toSummary,
  writeCompatibility,
  writeFailures,
} from './compatibility-table.ts';
import { startFailPointProxy } from './fail-point-proxy.ts';
import { skipReasonOf } from './requirements.ts';
import { runCase, type Target } from './run-case.ts';
import { readSuite, type TestFile, UNIFIED_FOLDER } from './test-file.ts';

interface Server extends Target {
  close(): Promise<void>;
}

async function startServer(): Promise<Server> {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-unified-'));
  const store = await startEmbedded({ folder, logger: silentLogger });
  const path = decodeURIComponent(new URL(store.uri).host);
  const proxy = await startFailPointProxy(path);
  return {
    uri: `mongodb://${proxy.address}/?replicaSet=tributary`,
    clearFailPoints: () => proxy.clear(),
    close: async () => {
      await proxy.close();
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function describeFile(file: TestFile, known: readonly KnownFailure[], server: () => Server, log: Log): void {
  describe(file.name, () => {
    for (const test of file.tests) {
      const skipReason = skipReasonOf(file, test);
      if (skipReason !== null) {
        log.skips.push(skipReason);
        it.skip(`${test.description} (${skipReason})`, () => undefined);
        continue;
      }
      const row = known.find((it) => it.file === file.name && it.test === test.description);
      it(row ? `${test.description} (known to fail: ${row.reason})` : test.description, async () => {
        const failure = await runCase(file, test, server());
        if (failure === null) log.passed += 1;
        else log.failures.push({ file: file.name, test: test.description, reason: row?.reason ?? failure });
        if (row) expect(failure, 'it passes: take it out of docs/store-compatibility.md').not.toBeNull();
        else expect(failure).toBeNull();
      });
    }
  });
}

interface Log {
  passed: number;
  readonly failures: KnownFailure[];
  readonly skips: string[];
}

/**
 * Runs a suite of MongoDB's unified tests against the embedded store. A case passes when it does what the file says, or
 * fails and is listed with its reason in docs/store-compatibility.md; the page must list exactly what fails. Run with
 * WRITE_COMPATIBILITY=1 it writes the section anew, keeping the reasons that are there; then put words in place of messages.
 */
export function describeUnifiedSuite(suite: string): void {
  const files = readSuite(suite);
  if (!files) {
    console.warn(`UNIFIED TESTS ${suite} NOT RUN: ${UNIFIED_FOLDER} is absent.`);
    describe.skip(`unified tests: ${suite}`, () => {
      it('needs the data', () => undefined);
    });
    return;
  }
  const known = readCompatibility(suite);
  const log: Log = { passed: 0, failures: [], skips: [] };
  describe(`unified tests: ${suite}`, () => {
    let server: Server | undefined;
    beforeAll(async () => {
      server = await startServer();
    });
    afterAll(() => server?.close());
    for (const file of files) describeFile(file, known.failures, () => server as Server, log);
    it('docs/store-compatibility.md lists what fails, and counts right', () => {
      const summary = toSummary(log.passed, log.failures.length, log.skips);
      if (process.env['WRITE_COMPATIBILITY']) writeCompatibility(suite, { summary, failures: log.failures });
      expect(writeFailures(known.failures)).toBe(writeFailures(log.failures));
      expect(known.summary).toBe(summary);
    });
  });
}
