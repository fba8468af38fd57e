import type { ClientTls } from '../../lib/client-tls.ts';
import { AppError } from '../../lib/errors.ts';
import { IDENTITY_HEADER } from '../../lib/subgraph-identity.ts';
import type { Call, Reply } from './call.ts';
import type { ExchangeNotes } from './exchange-notes.ts';
import { compileHeaderRules, toHeaderLine } from './header-rules.ts';
import type { HttpSubgraph, HttpTransportOptions } from './http-options.ts';
import { createHttpExchange } from './http1/exchange.ts';
import { type LayersOptions, toLayers, wrap } from './layers/layers.ts';
import { Lifetime } from './lifetime.ts';
import { isResultType } from './media-type.ts';
import { toRequestBody } from './request-body.ts';
import { noResult } from './response-body.ts';
import { type SubgraphTraffic, toTraffic } from './traffic.ts';
import type { RawResponse, SubgraphRequest } from './transport.ts';

/** One subgraph: its connections, its layers, and how it is spoken to. */
export interface HttpTarget {
  /** Makes a call, noting what becomes of it. Rejects with an AppError. */
  call(request: SubgraphRequest, notes: ExchangeNotes): Promise<RawResponse>;
  close(): void;
}

/** What a target is made of. */
export interface HttpTargetOptions extends LayersOptions {
  readonly name: string;
  readonly subgraph: HttpSubgraph;
  readonly all: SubgraphTraffic | undefined;
  readonly sign: HttpTransportOptions['sign'];
  readonly tls: ClientTls;
}

function toUrl(name: string, text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '') return url;
  // The text stays out of the message: it may hold a password.
  throw new AppError(
    'CONFIG_INVALID',
    `The URL of the service "${name}" is not one of http or https without credentials.`,
    {
      extensions: { setting: `subgraphs.${name}.url` },
    },
  );
}

const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

/** The reply as GraphQL bytes, a byte order mark taken off (RFC 8259 §8.1 lets us). AppError when it says that it is no result. */
function toRaw({ status, bytes, contentType }: Reply, subgraph: string): RawResponse {
  if (!isResultType(contentType)) throw noResult(status, subgraph, 'another content type');
  return { status, bytes: bytes[0] === BOM[0] && bytes.subarray(0, 3).equals(BOM) ? bytes.subarray(3) : bytes };
}

/** One subgraph made ready. AppError CONFIG_INVALID for a URL or a header rule that cannot be. */
export function createHttpTarget(options: HttpTargetOptions): HttpTarget {
  const { name, subgraph, tls } = options;
  const { url: text, trusted, ...own } = subgraph;
  const traffic = toTraffic(options.all, own);
  const rules = compileHeaderRules(traffic.headers);
  const sign = trusted ? options.sign : undefined;
  const { exchange, close } = createHttpExchange({ url: toUrl(name, text), traffic, tls, fixedHeaders: rules.fixed });
  const send = wrap(exchange, toLayers(traffic, options));

  function toCall(request: SubgraphRequest, notes: ExchangeNotes, token: string | null, lifetime: Lifetime): Call {
    const { lines, marks } = rules.of(request.clientHeaders, request.headers);
    const identity = token === null ? '' : toHeaderLine(IDENTITY_HEADER, token);
    const ours = `${identity}${toHeaderLine('x-request-id', request.requestId)}${marks}`;
    return { request, notes, lifetime, headers: lines, marks: ours, body: toRequestBody(request) };
  }

  async function call(request: SubgraphRequest, notes: ExchangeNotes): Promise<RawResponse> {
    const token = sign && request.identity ? await sign(request.identity, name) : null;
    const lifetime = new Lifetime({ subgraph: name, timeoutMs: traffic.timeoutMs, signal: request.signal });
    try {
      return toRaw(await send(toCall(request, notes, token, lifetime)), name);
    } finally {
      lifetime.close();
    }
  }

  return { call, close };
}
