/** Decisions read from a list of numbers, so that fast-check can shrink what was made of them. Zero is the simplest decision. */
export interface Choices {
  /** A whole number from 0 to below `below`. */
  pick(below: number): number;
  /** True in about `percent` of 100 cases; false when the numbers have run out. */
  chance(percent: number): boolean;
  oneOf<T>(list: readonly T[]): T;
  /** Each item with `percent` chance; at least the first. */
  someOf<T>(list: readonly T[], percent: number): T[];
}

/** Reads decisions from `numbers`; when they run out, all further ones are 0. */
export function createChoices(numbers: readonly number[]): Choices {
  let next = 0;
  const pick = (below: number): number => {
    const number = numbers[next] ?? 0;
    next += 1;
    return below > 0 ? number % below : 0;
  };
  const chance = (percent: number) => pick(100) >= 100 - percent;
  return {
    pick,
    chance,
    oneOf: <T>(list: readonly T[]) => list[pick(list.length)] as T,
    someOf: <T>(list: readonly T[], percent: number) => {
      const some = list.filter(() => chance(percent));
      return some.length > 0 ? some : list.slice(0, 1);
    },
  };
}
