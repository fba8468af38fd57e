import type { WatchTimes } from '../../../lib/watch-files.ts';
import { composeApart } from '../compose-apart.ts';
import { composeSupergraph } from '../compose-supergraph.ts';
import { listSupergraphFiles } from '../supergraph-config.ts';
import type { SupergraphSource } from './source.ts';
import { type Reading, WatchedSource } from './watched-source.ts';

/**
 * A rover-form `supergraph.yaml`, composed when it or a schema file it names changes. The first time in this thread, since
 * nobody is served yet; afterwards in one of its own, which composing may keep busy for seconds.
 */
export function fromYaml(file: string, times: WatchTimes = {}): SupergraphSource {
  const read = async (isFirst: boolean): Promise<Reading> => {
    const { supergraphSdl } = isFirst ? await composeSupergraph({ file }) : await composeApart(file);
    return { supergraphSdl, files: await listSupergraphFiles(file) };
  };
  return new WatchedSource({ ...times, file, read, filesNow: () => listSupergraphFiles(file) });
}
