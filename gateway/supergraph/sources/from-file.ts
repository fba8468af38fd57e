import { readFile } from 'node:fs/promises';
import { AppError } from '../../../lib/errors.ts';
import type { WatchTimes } from '../../../lib/watch-files.ts';
import type { SupergraphSource } from './source.ts';
import { WatchedSource } from './watched-source.ts';

/** A file of supergraph SDL, read again when it changes: written, renamed over, or reached through a symbolic link that is swapped. */
export function fromFile(file: string, times: WatchTimes = {}): SupergraphSource {
  return new WatchedSource({
    ...times,
    file,
    read: async () => ({ supergraphSdl: await readSupergraphFile(file), files: [file] }),
  });
}

async function readSupergraphFile(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause) => {
    throw new AppError('SUPERGRAPH_INVALID', `The supergraph file ${file} cannot be read.`, { cause });
  });
}
