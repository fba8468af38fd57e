import { dirname, resolve } from 'node:path';
import { AppError } from '../../lib/errors.ts';
import type { GatewayOptions } from '../options.ts';
import { readRoutingUrls } from '../supergraph/routing-urls.ts';
import type { HttpSubgraph, HttpTransportOptions } from '../transport/http-options.ts';
import type { GatewayConfig } from './schema.ts';

/** The options of a gateway that a configuration file decides. Paths in it are relative to it. */
export function toGatewayOptions(config: GatewayConfig, file: string): Partial<GatewayOptions> {
  const {
    supergraph = {},
    limits,
    authorization,
    audiences,
    plans,
    trustedDocuments,
    apq,
    batching,
    compression,
    cacheControl,
    telemetry,
  } = config;
  return defined<Partial<GatewayOptions>>({
    limits,
    authorization,
    audiences,
    plans: plans && { folder: resolve(dirname(file), plans.folder) },
    schemaGraceMs: supergraph.graceMs,
    schemaWarmUp: supergraph.warmUp && { operations: 200, timeoutMs: 10_000, ...supergraph.warmUp },
    trustedDocuments: trustedDocuments && {
      ...trustedDocuments,
      manifest: resolve(dirname(file), trustedDocuments.manifest),
    },
    apq: typeof apq === 'object' ? { size: 1_000, ...apq } : apq,
    batching: typeof batching === 'object' ? { max: 10, ...batching } : batching,
    compression: typeof compression === 'object' ? { minBytes: 1_024, ...compression } : compression,
    cacheControl,
    insight: telemetry,
  });
}

/**
 * The subgraphs of a supergraph for the HTTP transport: each at its own URL of the file, else where `elsewhere` has it, else at
 * its routing URL. One without any (a subgraph of events alone) is left out: nothing is ever sent to it. AppError
 * CONFIG_INVALID for a name that the supergraph does not have.
 */
export function toHttpSubgraphs(
  supergraphSdl: string,
  options: {
    readonly config?: Pick<GatewayConfig, 'traffic' | 'subgraphs'>;
    readonly elsewhere?: Readonly<Record<string, string>>;
    readonly trusted?: boolean;
  },
): Pick<HttpTransportOptions, 'subgraphs' | 'all'> {
  const { config = {}, elsewhere = {}, trusted = false } = options;
  const urls = readRoutingUrls(supergraphSdl);
  const own = config.subgraphs ?? {};
  requireKnown('SUBGRAPH_URLS', elsewhere, urls);
  requireKnown('subgraphs', own, urls);
  const subgraphs = Object.entries(urls).flatMap(([name, routingUrl]): [string, HttpSubgraph][] => {
    const { url = elsewhere[name] ?? routingUrl, ...traffic } = own[name] ?? {};
    return url === '' ? [] : [[name, { ...traffic, url, trusted }]];
  });
  return {
    subgraphs: Object.fromEntries(subgraphs),
    ...(config.traffic ? { all: config.traffic } : {}),
  };
}

function requireKnown(setting: string, named: object, urls: Readonly<Record<string, string>>): void {
  const unknown = Object.keys(named).find((name) => !Object.hasOwn(urls, name));
  if (unknown === undefined) return;
  throw new AppError('CONFIG_INVALID', `${setting} names ${unknown}, which the supergraph does not have.`, {
    extensions: { setting },
  });
}

/** Without the keys that are not set: options tell an absent key from one that is undefined. */
function defined<Options extends object>(options: { [Key in keyof Options]: Options[Key] | undefined }): Options {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Options;
}
