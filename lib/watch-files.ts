import { type FSWatcher, realpathSync, watch } from 'node:fs';
import { dirname } from 'node:path';

/** Milliseconds. */
export interface WatchTimes {
  /** From the first sign of a change until we look: a pair of files is seldom written at once. @default 200 */
  readonly settleMs?: number;
  /** We look so often whatever the system tells: network folders tell nothing. @default 60 000 */
  readonly pollMs?: number;
}

/**
 * Calls back after something changed beside one of the files, and now and then anyway; never keeps the process alive. Folders are
 * watched, not files: certbot and Kubernetes renew by swapping a symbolic link, after which the old file is never touched again.
 */
export function watchFiles(
  paths: readonly string[],
  onChange: () => void,
  { settleMs = 200, pollMs = 60_000 }: WatchTimes = {},
): { close(): void } {
  let watchers: FSWatcher[] = [];
  let settling: NodeJS.Timeout | undefined;
  const look = () => {
    settling = undefined;
    onChange();
  };
  // Not put off by further events: a folder that is always busy would never be looked at.
  const soon = () => {
    settling ??= setTimeout(look, settleMs).unref();
  };
  const release = () => {
    for (const watcher of watchers.splice(0)) watcher.close();
  };
  const renew = () => {
    release();
    watchers = foldersOf(paths).flatMap((folder) => watchFolder(folder, soon));
  };
  renew();
  // Watched anew each time: the folder itself may have been replaced.
  const poll = setInterval(() => {
    renew();
    onChange();
  }, pollMs).unref();
  return {
    close() {
      clearInterval(poll);
      clearTimeout(settling);
      release();
    },
  };
}

/** Where the files are named, and where they really are. */
function foldersOf(paths: readonly string[]): string[] {
  return [...new Set(paths.flatMap((path) => [dirname(path), ...realFolderOf(path)]))];
}

function realFolderOf(path: string): string[] {
  try {
    return [dirname(realpathSync(path))];
  } catch {
    return []; // gone at the moment: its named folder tells when it is back
  }
}

function watchFolder(folder: string, onEvent: () => void): FSWatcher[] {
  try {
    const watcher = watch(folder, { persistent: false }, onEvent);
    watcher.on('error', () => watcher.close());
    return [watcher];
  } catch {
    return []; // no such folder, or no more watches to be had: polling is the net below
  }
}
