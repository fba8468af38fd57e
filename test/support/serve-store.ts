import { once } from 'node:events';
import { silentLogger } from '../../lib/logger.ts';
import { startEmbedded } from '../../store/embedded/start-embedded.ts';

/** Serves the store in the folder named as argument until stdin ends; says its URI on the first line. */
const store = await startEmbedded({ folder: process.argv[2] as string, logger: silentLogger });
process.stdout.write(`${store.uri}\n`);
process.stdin.resume();
await once(process.stdin, 'end');
await store.close();
