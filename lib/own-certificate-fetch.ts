import { X509Certificate } from 'node:crypto';
import { Agent, fetch as undiciFetch } from 'undici';
import type { ServerCertificate } from './server-certificate.ts';

/**
 * A fetch for calls of a process to itself over https: it trusts this very certificate, by whatever name it is reached, and no
 * other, whoever signed it. `close` ends its connections.
 */
export function createOwnCertificateFetch(certificate: ServerCertificate): {
  readonly fetch: typeof fetch;
  close(): Promise<void>;
} {
  let agent = toAgent(certificate);
  const stop = certificate.onRenewal(() => {
    const old = agent;
    agent = toAgent(certificate);
    // Requests under way end; a failure is theirs to report.
    old.close().catch(() => undefined);
  });
  // The package's own fetch: the one of Node may be of another version, and takes no agent of this.
  const own = (input: string, init: object) => undiciFetch(input, { ...init, dispatcher: agent });
  return {
    fetch: own as unknown as typeof fetch,
    async close() {
      stop();
      await agent.destroy();
    },
  };
}

/** The certificate alone is the anchor: its chain would let in all that its issuer signs. */
function toAgent(certificate: ServerCertificate): Agent {
  const ca = new X509Certificate(certificate.current().cert).toString();
  return new Agent({ connect: { ca, allowPartialTrustChain: true, checkServerIdentity: () => undefined } });
}
