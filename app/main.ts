import { AppError } from '../lib/errors.ts';

/** Something that runs until it is told to stop. */
export interface Stoppable {
  close(): Promise<void>;
}

/**
 * Runs a command. An expected failure ends the process with its code and message on standard error, without a stack, and
 * status 1, or 2 when the command line is wrong; what it returns is closed on SIGINT and SIGTERM, and when npm started it and
 * is gone; a second signal ends the process at once.
 */
export async function runMain(command: () => Promise<Stoppable | undefined>): Promise<void> {
  try {
    const running = await command();
    if (running) stopOnSignals(running);
  } catch (error) {
    process.stderr.write(`${describe(error)}\n`);
    process.exit(error instanceof AppError && error.code === 'BAD_USER_INPUT' ? 2 : 1);
  }
}

function describe(error: unknown): string {
  if (error instanceof AppError) return `${error.code}: ${error.message}`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function stopOnSignals(running: Stoppable): void {
  let stopping = false;
  const stop = () => {
    stopping = true;
    running.close().then(
      () => process.exit(0),
      (error) => {
        process.stderr.write(`${describe(error)}\n`);
        process.exit(1);
      },
    );
  };
  const onSignal = () => (stopping ? process.exit(1) : stop());
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  onLostParent(() => stopping || stop());
}

/**
 * npm hands a SIGTERM to the shell in which it runs a script, and the shell hands it to nobody: what npm started and has lost
 * that parent was told to stop. `process.ppid` is asked of the system each time.
 */
function onLostParent(stop: () => void): void {
  if (process.env['npm_lifecycle_event'] === undefined) return;
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    stop();
  }, 250);
  watch.unref();
}
