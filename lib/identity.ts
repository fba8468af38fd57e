/** Who acts, once a token has been verified. Carried from the edge to every resolver; never built from client input. */
export interface Identity {
  /** The token's `sub`. */
  readonly subject: string;
  /** Every document, event, cursor and cache key is bound to it. */
  readonly tenant: string;
  readonly roles: readonly string[];
  /** Scopes by exact text, for example `customers:read`. */
  readonly scopes: readonly string[];
  /** When the token ends, in milliseconds since the epoch. */
  readonly expiresAt: number;
  /** The token's `jti`, by which it is revoked. */
  readonly tokenId: string | null;
}

/** Whether the scopes granted satisfy a requirement: an OR of ANDs, as in `@requiresScopes(scopes: [["a","b"],["c"]])`. */
export function meetsScopes(granted: readonly string[], required: readonly (readonly string[])[]): boolean {
  return required.length === 0 || required.some((all) => all.every((scope) => granted.includes(scope)));
}

/** The scopes missing for the alternative that is nearest to being met; empty when the requirement is met. */
export function missingScopes(granted: readonly string[], required: readonly (readonly string[])[]): string[] {
  if (meetsScopes(granted, required)) return [];
  const gaps = required.map((all) => all.filter((scope) => !granted.includes(scope)));
  return gaps.reduce((best, gap) => (gap.length < best.length ? gap : best));
}
