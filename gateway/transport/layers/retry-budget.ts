/** Retries that may be made before any call has earned one. */
const RESERVE = 10;

/**
 * What retries may add to a subgraph's load: every call earns a part of a retry, every retry takes a whole one. A service that
 * fails for everybody soon gets its calls and hardly more.
 */
export class RetryBudget {
  readonly #share: number;
  #saved = RESERVE;

  /** `share`: retries for each call, over time. */
  constructor(share: number) {
    this.#share = share;
  }

  /** A call begins. */
  earn(): void {
    this.#saved = Math.min(RESERVE, this.#saved + this.#share);
  }

  /** Takes a retry; false when there is none. */
  take(): boolean {
    if (this.#saved < 1) return false;
    this.#saved -= 1;
    return true;
  }
}
