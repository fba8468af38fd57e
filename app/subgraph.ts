import { systemClock } from '../lib/clock.ts';
import { loadConfig } from '../lib/config.ts';
import { AppError } from '../lib/errors.ts';
import { createLogger } from '../lib/logger.ts';
import { toPublicKey } from '../lib/signing-key.ts';
import { createIdentityVerifier } from '../lib/subgraph-identity.ts';
import { serveSubgraph } from '../subgraphs/kit/serve.ts';
import { openApart } from './apart.ts';
import { createClosing } from './closing.ts';
import { portOf, readCommandLine, wrongUsage } from './command-line.ts';
import { runMain } from './main.ts';
import { openServices, serviceNames } from './services.ts';
import { subgraphIdentityKey } from './signing.ts';
import { openCertificate } from './tls.ts';

/** Subgraphs listen from here on, in the order of supergraph.yaml. */
const FIRST_PORT = 4001;

/** `npm run subgraph -- NAME [--port N]`: one subgraph over HTTP, for gateways that sign who acts; anyone else is refused. */
await runMain(async () => {
  const takes = `<${serviceNames().join('|')}> [--port N]`;
  const options = { port: { type: 'string' } } as const;
  const { values, words } = readCommandLine(process.argv.slice(2), { command: 'subgraph', takes, options, words: 1 });
  const name = words[0] ?? '';
  const index = serviceNames().indexOf(name);
  if (index < 0) throw wrongUsage(`Which subgraph? ${serviceNames().join(', ')}.`, 'subgraph', takes);
  const config = loadConfig({
    ...process.env,
    PORT: String(FIRST_PORT + index),
    ...portOf(values.port, 'subgraph', takes),
  });
  const logger = createLogger(config.LOG_LEVEL);
  const closing = createClosing();
  const certificate = openCertificate(config, logger);
  closing.add(async () => certificate?.close());
  const runtime = await openApart(config, logger);
  closing.add(() => runtime.close());
  const services = await openServices(runtime);
  closing.add(() => services.close());
  const subgraph = services.subgraphs.find((one) => one.name === name);
  if (!subgraph) throw new AppError('INTERNAL', `The subgraph ${name} did not open.`);
  const publicKeys = [toPublicKey(await subgraphIdentityKey(config))];
  const verifier = createIdentityVerifier({ publicKeys, subgraph: name, clock: systemClock });
  const served = await serveSubgraph(subgraph, {
    verifier,
    host: config.HOST,
    port: config.PORT,
    ...(certificate ? { certificate } : {}),
    logger,
  });
  closing.add(() => served.close());
  process.stdout.write(`The subgraph ${name} answers at ${served.url}\n`);
  return closing;
});
