import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { type Clock, systemClock } from './clock.ts';
import { AppError } from './errors.ts';
import { type Logger, silentLogger } from './logger.ts';
import { type KeyPair, readKeyPair, type TlsFiles } from './tls-files.ts';
import { TLS_POLICY } from './tls-policy.ts';
import { type WatchTimes, watchFiles } from './watch-files.ts';

/** A certificate that servers serve with, renewed while they run. */
export interface ServerCertificate {
  /** What `tls.createServer` and `setSecureContext` take, policy included. */
  current(): SecureContextOptions & { readonly cert: string; readonly key: string };
  /** Whether the certificate is for this host name or address. */
  covers(name: string): boolean;
  /** Calls back after each renewal, until the function it returns is called. */
  onRenewal(listener: () => void): () => void;
  /** Stops watching the files. */
  close(): void;
}

/** Where a certificate comes from. */
export interface ServerCertificateOptions {
  readonly files: TlsFiles;
  readonly clock?: Clock;
  readonly logger?: Logger;
  readonly times?: WatchTimes;
}

const DAY_MS = 24 * 3_600_000;
/** How long before its end a certificate is complained of. */
const WARNING_MS = 14 * DAY_MS;

/**
 * Reads a certificate and its key, and reads them again when the files change. A new pair that cannot be used is logged with its
 * code and the old one stays; that, and an end within 14 days, is said again each day.
 * AppError CONFIG_INVALID when the first pair cannot be used.
 */
export function openServerCertificate(options: ServerCertificateOptions): ServerCertificate {
  const { files, clock = systemClock, logger = silentLogger, times } = options;
  const listeners = new Set<() => void>();
  const broken = createComplaint(clock, (error: AppError) =>
    logger.error({ err: error, code: error.code, inUseUntil: dateOf(pair) }, 'the new certificate cannot be used'),
  );
  const ending = createComplaint(clock, () => logger.warn({ endsAt: dateOf(pair) }, 'the certificate ends soon'));
  let pair = readUsable(files, clock);
  let suspect: string | null = null;
  let again: NodeJS.Timeout | undefined;
  remind();

  function remind(): void {
    if (pair.validTo - clock.now() < WARNING_MS) ending.say();
  }

  function use(next: KeyPair): void {
    suspect = null;
    if (next.cert !== pair.cert || next.key !== pair.key) {
      pair = next;
      broken.forget();
      ending.forget();
      for (const listener of listeners) listener();
      logger.info({ endsAt: dateOf(pair) }, 'a new certificate is in use');
    }
    remind();
  }

  /** Said only when it is still so at the next look: of two files one is written first. */
  function doubt(error: AppError): void {
    if (suspect === error.message) broken.say(error);
    else again = setTimeout(look, (times?.settleMs ?? 200) * 5).unref();
    suspect = error.message;
  }

  function look(): void {
    try {
      use(readUsable(files, clock));
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      doubt(error);
    }
  }

  const watching = watchFiles([files.cert.path, files.key.path], look, times);
  return {
    current: () => ({ ...TLS_POLICY, cert: pair.cert, key: pair.key }),
    covers: (name) => isFor(pair, name),
    onRenewal(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close() {
      watching.close();
      clearTimeout(again);
    },
  };
}

/** A pair that OpenSSL takes under our policy: it refuses keys that are too short, and chains it cannot read. */
function readUsable(files: TlsFiles, clock: Clock): KeyPair {
  const pair = readKeyPair(files, clock);
  const { variable } = files.cert;
  try {
    createSecureContext({ ...TLS_POLICY, cert: pair.cert, key: pair.key });
  } catch (cause) {
    const reason = cause instanceof Error && 'code' in cause ? ` (${cause.code})` : '';
    throw new AppError('CONFIG_INVALID', `${variable} is of a certificate that TLS refuses${reason}.`, {
      cause,
      extensions: { variable },
    });
  }
  return pair;
}

function isFor({ cert }: KeyPair, name: string): boolean {
  const certificate = new X509Certificate(cert);
  const found = isIP(name) ? certificate.checkIP(name) : certificate.checkHost(name, { subject: 'never' });
  return found !== undefined;
}

function dateOf({ validTo }: KeyPair): string {
  return new Date(validTo).toISOString();
}

/** Something said once a day at most, until it is forgotten. */
function createComplaint<Facts extends unknown[]>(clock: Clock, speak: (...facts: Facts) => void) {
  let saidAt = Number.NEGATIVE_INFINITY;
  return {
    say(...facts: Facts): void {
      if (clock.now() - saidAt < DAY_MS) return;
      saidAt = clock.now();
      speak(...facts);
    },
    forget(): void {
      saidAt = Number.NEGATIVE_INFINITY;
    },
  };
}
