import { pino } from 'pino';

/** Structured log, one JSON line an event. Bind facts with `child`; never log tokens, secrets or payload values. */
export interface Logger {
  debug(facts: object, message?: string): void;
  info(facts: object, message?: string): void;
  warn(facts: object, message?: string): void;
  error(facts: object, message?: string): void;
  child(facts: object): Logger;
}

/** What a log line never shows, wherever it occurs. */
const REDACTED = [
  'authorization',
  '*.authorization',
  'headers.authorization',
  'headers.cookie',
  'token',
  '*.token',
  'secret',
  '*.secret',
];

/** A logger that writes JSON lines to standard error, so that standard output stays for people. Level `silent` writes nothing. */
export function createLogger(level: 'debug' | 'info' | 'warn' | 'error' | 'silent' = 'info'): Logger {
  return pino(
    { level, base: null, redact: REDACTED, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ dest: 2, sync: true }),
  );
}

/** A logger that says nothing: the default of every library entry point. */
export const silentLogger: Logger = createLogger('silent');
