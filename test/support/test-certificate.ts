import { rename, writeFile } from 'node:fs/promises';
import { type Clock, systemClock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import { openServerCertificate, type ServerCertificate } from '../../lib/server-certificate.ts';
import { type Authority, createAuthority, type Issued, writeFiles } from './certificates.ts';

/** A line of the log: its level, its message and what it says. */
export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string | undefined;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** A logger that keeps its lines. */
export function createLogKeeper(): Logger & { readonly lines: LogLine[] } {
  const lines: LogLine[] = [];
  const write = (level: LogLine['level']) => (facts: object, message?: string) => {
    lines.push({ level, message, facts: { ...facts } });
  };
  const logger: Logger = {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: () => logger,
  };
  return { ...logger, lines };
}

/** A certificate on disk, opened, and what may become of it. */
export interface TestCertificate {
  readonly authority: Authority;
  readonly certificate: ServerCertificate;
  readonly paths: { readonly cert: string; readonly key: string; readonly ca: string };
  readonly log: readonly LogLine[];
  /** Writes another pair over the files, each by an atomic rename, `pauseMs` between them. */
  replace(pair: Issued, pauseMs?: number): Promise<void>;
  close(): Promise<void>;
}

/** Issues one and opens it; it looks after `settleMs` (20), and each `pollMs`. */
export async function openTestCertificate(
  options: {
    readonly issued?: Issued;
    readonly authority?: Authority;
    readonly clock?: Clock;
    readonly settleMs?: number;
    readonly pollMs?: number;
  } = {},
): Promise<TestCertificate> {
  const { authority = await createAuthority(), clock = systemClock, settleMs = 20, pollMs = 60_000 } = options;
  const issued = options.issued ?? (await authority.issue({ to: Date.now() + 90 * 86_400_000 }));
  const { paths, remove } = await writeFiles({ cert: issued.cert, key: issued.key, ca: authority.cert });
  const logger = createLogKeeper();
  const files = { cert: { variable: 'TLS_CERT', path: paths.cert }, key: { variable: 'TLS_KEY', path: paths.key } };
  const certificate = openServerCertificate({ files, clock, logger, times: { settleMs, pollMs } });
  return {
    authority,
    certificate,
    paths,
    log: logger.lines,
    async replace(pair, pauseMs = 0) {
      await writeAnew(paths.cert, pair.cert);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      await writeAnew(paths.key, pair.key);
    },
    async close() {
      certificate.close();
      await remove();
    },
  };
}

/** Replaces a file as programs that renew certificates do: never half of it is to be seen. */
export async function writeAnew(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text, { mode: 0o600 });
  await rename(`${path}.new`, path);
}
