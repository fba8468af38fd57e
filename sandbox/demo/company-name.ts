import type { Random } from './random.ts';
import { INDUSTRIES, NAME_HEADS, NAME_TAILS } from './words.ts';

/** An invented company name and what follows from it. */
export interface CompanyName {
  readonly name: string;
  readonly domain: string;
  readonly industry: string;
  /** How the size of firms of this industry differs from the middle; 1 is the middle. */
  readonly size: number;
}

/** Names that differ from each other, as often as it is called. */
export function createNamer(random: Random): () => CompanyName {
  const taken = new Set<string>();
  return () => {
    for (;;) {
      const industry = random.weighted(INDUSTRIES.map((one) => [one, one.weight] as const));
      const stem = random.pick(NAME_HEADS) + random.pick(NAME_TAILS);
      if (taken.has(stem)) continue;
      taken.add(stem);
      const name = `${stem} ${random.pick(industry.words)}`;
      return { name, domain: `${stem.toLowerCase()}.example`, industry: industry.name, size: industry.size };
    }
  };
}
