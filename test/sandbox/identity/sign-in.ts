import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A route on a port of its own. The handler is made once the port is known. */
export async function serveRoute(
  make: (origin: string) => { handle: (request: IncomingMessage, response: ServerResponse) => unknown },
): Promise<{ origin: string; close: () => Promise<void> }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const route = make(origin);
  server.on('request', (request, response) => void route.handle(request, response));
  return {
    origin,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A browser as far as signing in needs one: it keeps cookies and follows redirects when told to. */
export function createBrowser() {
  const jar = new Map<string, string>();
  return async (url: string, init: RequestInit = {}): Promise<Response> => {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, { redirect: 'manual', ...init, headers: { ...init.headers, cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '') jar.delete(name);
      else jar.set(name, value);
    }
    return response;
  };
}

type Browser = ReturnType<typeof createBrowser>;

/** What a client asks when it sends somebody to sign in. */
export interface SignIn {
  readonly origin: string;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly scope: string;
  readonly subject: string;
}

function authorizationUrl({ origin, clientId, redirectUri, scope }: SignIn, verifier: string): string {
  const query = new URLSearchParams({
    client_id: clientId,
    redirect_uri: redirectUri,
    response_type: 'code',
    scope,
    state: 'state-1',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
  return `${origin}/oidc/auth?${query}`;
}

/** Submits the form of a page that submits itself, as a browser that runs its script does. */
async function submit(browser: Browser, html: string): Promise<Response> {
  const action = /<form[^>]* action="([^"]+)"/.exec(html)?.[1] ?? '';
  const body = new URLSearchParams();
  for (const [, name = '', value = ''] of html.matchAll(/name="([^"]+)" value="([^"]*)"/g)) body.append(name, value);
  return browser(action, { method: 'POST', body });
}

/** Follows redirects and self-submitting pages to the client; resolves with the code it gets. */
async function follow(browser: Browser, first: Response, redirectUri: string): Promise<string> {
  let response = first;
  for (let hop = 0; hop < 8; hop += 1) {
    const location = response.headers.get('location');
    if (location?.startsWith(redirectUri)) return new URL(location).searchParams.get('code') ?? '';
    response = location ? await browser(location) : await submit(browser, await response.text());
  }
  throw new Error('the client was never called back');
}

/** Signs in with code and PKCE, choosing a person on the page; resolves with the token endpoint's answer. */
export async function signIn(request: SignIn, browser = createBrowser()): Promise<Record<string, string>> {
  const verifier = randomBytes(32).toString('base64url');
  const toPage = await browser(authorizationUrl(request, verifier));
  const page = new URL(toPage.headers.get('location') ?? '', request.origin).href;
  const form = new URLSearchParams({ login: request.subject });
  const chosen = await browser(page, { method: 'POST', body: form });
  const code = await follow(browser, chosen, request.redirectUri);
  const body = new URLSearchParams({
    grant_type: 'authorization_code',
    client_id: request.clientId,
    redirect_uri: request.redirectUri,
    code,
    code_verifier: verifier,
  });
  const answer = await fetch(`${request.origin}/oidc/token`, { method: 'POST', body });
  return (await answer.json()) as Record<string, string>;
}
