import { parseArgs } from 'node:util';
import { systemClock } from '../lib/clock.ts';
import { loadConfig } from '../lib/config.ts';
import { AppError } from '../lib/errors.ts';
import { createLogger } from '../lib/logger.ts';
import { toPublicKey } from '../lib/signing-key.ts';
import { createIdentityVerifier } from '../lib/subgraph-identity.ts';
import { serveSubgraph } from '../subgraphs/kit/serve.ts';
import { openApart } from './apart.ts';
import { createClosing } from './closing.ts';
import { runMain } from './main.ts';
import { openServices, serviceNames } from './services.ts';
import { subgraphIdentityKey } from './signing.ts';

/** Subgraphs listen from here on, in the order of supergraph.yaml. */
const FIRST_PORT = 4001;

/** `npm run subgraph -- NAME [--port N]`: one subgraph over HTTP, for gateways that sign who acts; anyone else is refused. */
await runMain(async () => {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { port: { type: 'string' } } });
  const name = positionals[0] ?? '';
  const index = serviceNames().indexOf(name);
  if (index < 0) throw new AppError('BAD_USER_INPUT', `Which subgraph? ${serviceNames().join(', ')}`);
  const config = loadConfig({ ...process.env, PORT: values.port ?? String(FIRST_PORT + index) });
  const logger = createLogger(config.LOG_LEVEL);
  const closing = createClosing();
  const runtime = await openApart(config, logger);
  closing.add(() => runtime.close());
  const services = await openServices(runtime);
  closing.add(() => services.close());
  const subgraph = services.subgraphs.find((one) => one.name === name);
  if (!subgraph) throw new AppError('INTERNAL', `The subgraph ${name} did not open.`);
  const publicKeys = [toPublicKey(await subgraphIdentityKey(config))];
  const verifier = createIdentityVerifier({ publicKeys, subgraph: name, clock: systemClock });
  const served = await serveSubgraph(subgraph, { verifier, host: config.HOST, port: config.PORT, logger });
  closing.add(() => served.close());
  process.stdout.write(`The subgraph ${name} answers at ${served.url}\n`);
  return closing;
});
