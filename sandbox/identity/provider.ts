import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import type Provider from 'oidc-provider';
import { systemClock } from '../../lib/clock.ts';
import { AppError } from '../../lib/errors.ts';
import { isOwnHost } from '../../lib/own-host.ts';
import { DEMO_USERS, type DemoUser } from './demo-users.ts';
import { loadDevelopmentKey, PROVIDER_PREFIX } from './development.ts';
import { loginPagePolicy, renderLoginPage } from './login-page.ts';
import {
  DEVELOPMENT_CLIENT,
  type DevelopmentClient,
  type ProviderOptions,
  toProviderSettings,
} from './provider-settings.ts';

/** Something that answers HTTP requests under a prefix. */
export interface ProviderRoute {
  readonly prefix: string;
  readonly handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
}

const INTERACTION = /^\/interaction\/[\w-]{1,64}$/;
const MAX_FORM_BYTES = 1_024;

async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  if (!(Number(request.headers['content-length']) <= MAX_FORM_BYTES)) return new URLSearchParams();
  return new URLSearchParams(await text(request));
}

function answer(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' }).end(message);
}

/** The one question the provider asks: who signs in. */
async function interact(
  provider: Provider,
  users: readonly DemoUser[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const details = await provider.interactionDetails(request, response).catch(() => null);
  if (!details) return answer(response, 400, 'This sign-in has ended. Go back to where you came from and start again.');
  if (request.method === 'POST') {
    const subject = (await readForm(request)).get('login');
    const user = users.find((one) => one.subject === subject);
    if (!user) return answer(response, 400, 'There is no such person here.');
    // Choosing is consenting: clients on one's own machine must ask each time (RFC 8252 §8.6).
    return provider.interactionFinished(request, response, { login: { accountId: user.subject }, consent: {} });
  }
  const { client_id, redirect_uri } = details.params;
  const action = `${PROVIDER_PREFIX}/interaction/${details.uid}`;
  response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': loginPagePolicy(new URL(String(redirect_uri)).origin),
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
  });
  response.end(renderLoginPage({ action, client: String(client_id), users }));
}

/** Loaded when the first request comes: a start that nobody signs in to need not wait for it. */
async function createProvider(options: ProviderOptions): Promise<Provider> {
  const { default: OidcProvider } = await import('oidc-provider');
  return new OidcProvider(options.issuer, toProviderSettings(options));
}

/** Cookies outlive a restart because what signs them does. */
async function toOptions(options: DevelopmentProviderOptions): Promise<ProviderOptions> {
  const {
    issuer,
    audience,
    dataDir,
    users = DEMO_USERS,
    clients = [DEVELOPMENT_CLIENT],
    clock = systemClock,
  } = options;
  const key = await loadDevelopmentKey(dataDir);
  const cookieSecret = createHash('sha256').update(`cookies\n${key.d}`).digest('hex');
  return { issuer, audience, key, cookieSecret, users, clients, clock };
}

/** What the development identity provider needs to know. */
export interface DevelopmentProviderOptions extends Partial<Pick<ProviderOptions, 'users' | 'clock'>> {
  /** As `developmentIssuer` gives it. */
  readonly issuer: string;
  readonly audience: string;
  /** Its `keys` folder holds the signing key. */
  readonly dataDir: string;
  /** @default DEVELOPMENT_CLIENT */
  readonly clients?: readonly DevelopmentClient[];
}

/**
 * An OpenID Connect provider for development, mounted at `/oidc`: authorization code with PKCE, a page to choose a demo person,
 * JWT access tokens of the form of `mintToken`. Signs with the key in the data folder; sessions live in memory.
 * It asks for no password, so it answers under its issuer's name and loopback only: AppError FORBIDDEN keeps a page out whose
 * name was made to point here.
 */
export function createDevelopmentProvider(options: DevelopmentProviderOptions): ProviderRoute {
  const users = options.users ?? DEMO_USERS;
  const host = new URL(options.issuer).hostname;
  let loading: Promise<Provider> | null = null;

  async function load(): Promise<Provider> {
    loading ??= toOptions(options).then(createProvider);
    return loading.catch((error) => {
      loading = null;
      throw error;
    });
  }

  return {
    prefix: PROVIDER_PREFIX,
    async handle(request, response) {
      if (!isOwnHost(request.headers.host, host))
        throw new AppError('FORBIDDEN', 'Development identities are for this machine, by its own name.');
      const provider = await load();
      const original = request.url ?? '/';
      const url = original.slice(PROVIDER_PREFIX.length) || '/';
      if (INTERACTION.test(url)) return interact(provider, users, request, response);
      // What Express does for a mounted application; oidc-provider finds its own mount point by the two.
      Object.assign(request, { originalUrl: original, url });
      await provider.callback()(request, response);
    },
  };
}
