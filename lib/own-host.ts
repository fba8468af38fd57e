const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'];

function hostNameOf(authority: string | undefined): string | null {
  try {
    return new URL(`http://${authority}`).hostname;
  } catch {
    return null;
  }
}

/**
 * Whether a request's Host header is a name of this very machine: loopback, or `host`, by which the server is configured to be
 * reached. A page of a site whose name was made to point here (DNS rebinding) still sends its own name.
 */
export function isOwnHost(authority: string | undefined, host: string): boolean {
  const name = hostNameOf(authority);
  return name !== null && [...LOOPBACK, hostNameOf(host) ?? host, hostNameOf(`[${host}]`)].includes(name);
}
