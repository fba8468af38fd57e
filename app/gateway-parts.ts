import {
  createHttpTransport,
  type GatewayConfig,
  type GatewayOptions,
  type SubgraphTransport,
  toGatewayOptions,
  toHttpSubgraphs,
} from '../gateway/index.ts';
import { readClientTls } from '../lib/client-tls.ts';
import { systemClock } from '../lib/clock.ts';
import type { Config } from '../lib/config.ts';
import type { Logger } from '../lib/logger.ts';
import { createIdentitySigner } from '../lib/subgraph-identity.ts';
import { toInsight } from './insight.ts';
import { subgraphIdentityKey } from './signing.ts';

/** What environment, configuration file and command line make of a gateway. */
export type GatewayParts = Omit<Partial<GatewayOptions>, 'transport' | 'supergraph' | 'logger' | 'bus'> & {
  /** Over HTTP, each subgraph where file, environment or supergraph say; trusted ones are told who acts. */
  readonly transport: (supergraphSdl: string, options: { readonly trusted: boolean }) => Promise<SubgraphTransport>;
};

/** Reads what is given into options. The command line wins over the file. */
export function toParts(
  given: {
    readonly config: Config;
    readonly settings: GatewayConfig;
    /** The configuration file; its relative paths begin there. */
    readonly file: string;
    readonly logger: Logger;
  },
  documents: { readonly manifest: string | undefined; readonly only: boolean },
): GatewayParts {
  const { config, settings, file, logger } = given;
  const { SUBGRAPH_CA: ca, SUBGRAPH_CERT: cert, SUBGRAPH_KEY: key, SUBGRAPH_URLS: elsewhere = {} } = config;
  const tls = readClientTls('SUBGRAPH', { ca, cert, key }, systemClock);
  const options = withDocuments(toGatewayOptions(settings, file), documents);
  return {
    ...options,
    insight: { ...toInsight(config), ...options.insight },
    async transport(supergraphSdl, { trusted }) {
      const subgraphs = toHttpSubgraphs(supergraphSdl, { config: settings, elsewhere, trusted });
      return createHttpTransport({ ...subgraphs, ...(trusted ? await signing(config) : {}), tls, logger });
    },
  };
}

function withDocuments(
  options: Partial<GatewayOptions>,
  { manifest = options.trustedDocuments?.manifest, only }: { manifest: string | undefined; only: boolean },
): Partial<GatewayOptions> {
  if (manifest === undefined) return options;
  return { ...options, trustedDocuments: { manifest, only: only || (options.trustedDocuments?.only ?? false) } };
}

async function signing(config: Config) {
  const signer = createIdentitySigner({ privateKey: await subgraphIdentityKey(config), clock: systemClock });
  return { sign: signer.sign };
}
