const SLICES = 10;

/** Calls and failures of the last while, counted in slices so that it costs the same however many calls there are. */
export class FailureWindow {
  readonly #sliceMs: number;
  readonly #calls = new Array<number>(SLICES).fill(0);
  readonly #failures = new Array<number>(SLICES).fill(0);
  #newest = 0;

  /** `windowMs`: how long the while is; a tenth of it is forgotten at a time. */
  constructor(windowMs: number) {
    this.#sliceMs = windowMs / SLICES;
  }

  /** Counts a call at a time of a clock that does not jump. */
  count(now: number, isFailure: boolean): void {
    const slot = this.#slotOf(now);
    this.#calls[slot] = (this.#calls[slot] ?? 0) + 1;
    if (isFailure) this.#failures[slot] = (this.#failures[slot] ?? 0) + 1;
  }

  /** What the while holds. */
  totals(now: number): { readonly calls: number; readonly failures: number } {
    this.#slotOf(now);
    const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
    return { calls: sum(this.#calls), failures: sum(this.#failures) };
  }

  /** Forgets everything. */
  clear(): void {
    this.#calls.fill(0);
    this.#failures.fill(0);
  }

  /** The slot of this moment; those that lie too far back are emptied on the way. */
  #slotOf(now: number): number {
    const slice = Math.floor(now / this.#sliceMs);
    const from = Math.max(this.#newest + 1, slice - SLICES + 1);
    for (let passed = from; passed <= slice; passed += 1) {
      this.#calls[passed % SLICES] = 0;
      this.#failures[passed % SLICES] = 0;
    }
    this.#newest = Math.max(this.#newest, slice);
    return slice % SLICES;
  }
}
