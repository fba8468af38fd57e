import { Agent, fetch as undiciFetch } from 'undici';

/** A fetch that trusts an authority of a test besides those Node knows, as `NODE_EXTRA_CA_CERTS` makes the global one. */
export function createTrustingFetch(ca: string): { readonly fetch: typeof fetch; close(): Promise<void> } {
  const agent = new Agent({ connect: { ca } });
  const trusting = (input: string, init: object) => undiciFetch(input, { ...init, dispatcher: agent });
  return { fetch: trusting as unknown as typeof fetch, close: () => agent.destroy() };
}
