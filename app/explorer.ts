import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { getDistDirectory } from 'altair-static';
import type { HttpRoute } from '../gateway/options.ts';
import type { Config } from '../lib/config.ts';
import { AppError } from '../lib/errors.ts';
import { DEMO_USERS, type DemoUser } from '../sandbox/identity/demo-users.ts';
import { type Asset, createAssetFolder, toAsset } from './explorer/assets.ts';
import { loadExamples } from './explorer/examples.ts';
import { requireOwnPage } from './explorer/own-page.ts';

const PREFIX = '/explorer';

/** Altair sets styles from scripts; it needs nothing from elsewhere, and its scripts are files. */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "worker-src 'self' blob:",
  "frame-src 'self'",
  "manifest-src 'self'",
  "base-uri 'self'",
  "form-action 'none'",
  "frame-ancestors 'self'",
].join('; ');

/** What Altair wants for the frame in which it runs request scripts. */
const FRAME_POLICY = 'sandbox allow-scripts';

/** How the explorer signs people of the demo in. */
export interface ExplorerSignIn {
  readonly mint: (user: DemoUser) => Promise<string>;
  /** The name by which the server is reached, besides loopback; as `HOST`. */
  readonly host: string;
}

function toPage(altair: (path: string) => Asset | null): Asset {
  const html = altair('index.html')?.body.toString('utf8') ?? '';
  const page = html
    .replace(/<base [^>]*>/, `<base href="${PREFIX}/" />`)
    .replace('<title>Altair</title>', '<title>Tributary explorer</title>')
    .replace('</body>', '<script type="module" src="boot.js"></script></body>');
  return toAsset('index.html', Buffer.from(page));
}

function sendAsset(request: IncomingMessage, response: ServerResponse, asset: Asset, policy?: string): void {
  const { body, type, etag, immutable } = asset;
  response.setHeader('etag', etag);
  response.setHeader('cache-control', immutable ? 'public, max-age=31536000, immutable' : 'no-cache');
  response.setHeader('cross-origin-resource-policy', 'same-origin');
  response.setHeader('x-content-type-options', 'nosniff');
  if (policy) response.setHeader('content-security-policy', policy);
  if (request.headers['if-none-match'] === etag) {
    response.writeHead(304).end();
    return;
  }
  response.writeHead(200, { 'content-type': type, 'content-length': body.byteLength });
  response.end(request.method === 'HEAD' ? undefined : body);
}

function sendPrivateJson(request: IncomingMessage, response: ServerResponse, value: unknown): void {
  response.setHeader('cache-control', 'no-store');
  response.setHeader('cross-origin-resource-policy', 'same-origin');
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' });
  response.end(request.method === 'HEAD' ? undefined : JSON.stringify(value));
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split('?', 1)[0] ?? '/';
}

function onlyRead({ method }: IncomingMessage): void {
  if (method !== 'GET' && method !== 'HEAD') throw new AppError('METHOD_NOT_ALLOWED', 'The explorer is only read.');
}

const absent = () => new AppError('NOT_FOUND', 'Nothing is served at this path.');

async function sendPeople(request: IncomingMessage, response: ServerResponse, signIn: ExplorerSignIn): Promise<void> {
  requireOwnPage(request, signIn.host);
  const people = DEMO_USERS.map(async (user) => ({ ...user, token: await signIn.mint(user) }));
  sendPrivateJson(request, response, await Promise.all(people));
}

/**
 * The explorer: Altair at `/`, its files at `/explorer`, from the installed package alone. With `signIn` (development only) its
 * page gets a token of each person of the demo, to choose from; without, one pastes a token of one's own.
 * Handlers throw AppError NOT_FOUND, METHOD_NOT_ALLOWED and FORBIDDEN for the gateway to answer.
 */
export function createExplorerRoutes({ signIn }: { signIn: ExplorerSignIn | null }): HttpRoute[] {
  const altair = createAssetFolder(getDistDirectory());
  const boot = toAsset('boot.js', readFileSync(new URL('./explorer/boot.js', import.meta.url)));
  const page = toPage(altair);

  function answerOf(name: string): HttpRoute['handle'] | null {
    if (name === 'people') return signIn && ((request, response) => sendPeople(request, response, signIn));
    if (name === 'examples') return (request, response) => sendPrivateJson(request, response, loadExamples());
    const asset = name === 'boot.js' ? boot : altair(name);
    const policy = name.startsWith('iframe-sandbox/') ? FRAME_POLICY : undefined;
    if (!asset || name === 'index.html') return null;
    return (request, response) => sendAsset(request, response, asset, policy);
  }

  async function handleFile(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const answer = answerOf(pathOf(request).slice(PREFIX.length + 1));
    if (!answer) throw absent();
    onlyRead(request);
    await answer(request, response);
  }

  function handlePage(request: IncomingMessage, response: ServerResponse): void {
    if (pathOf(request) !== '/') throw absent();
    onlyRead(request);
    sendAsset(request, response, page, PAGE_POLICY);
  }

  return [
    { prefix: PREFIX, handle: handleFile },
    { prefix: '/', handle: handlePage },
  ];
}

/** Whether the explorer is served: as `EXPLORER` says, and otherwise everywhere but in production. */
export function isExplorerServed({ EXPLORER, NODE_ENV }: Pick<Config, 'EXPLORER' | 'NODE_ENV'>): boolean {
  return EXPLORER === undefined ? NODE_ENV !== 'production' : EXPLORER === 'on';
}
