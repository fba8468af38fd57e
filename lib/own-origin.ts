/** Where a server of the configuration answers; over https with a certificate. */
export interface Address {
  readonly HOST: string;
  readonly PORT: number;
  readonly TLS_CERT?: string | undefined;
}

/** The origin of that address: `https://crm.example`, without the scheme's own port. */
export function ownOrigin({ HOST, PORT, TLS_CERT }: Address): string {
  const host = HOST.includes(':') ? `[${HOST}]` : HOST;
  return new URL(`${TLS_CERT === undefined ? 'http' : 'https'}://${host}:${PORT}`).origin;
}
