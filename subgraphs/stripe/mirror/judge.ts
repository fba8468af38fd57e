import { isDeepStrictEqual } from 'node:util';
import type { Mapped, Noun } from '../mapping/mapped.ts';

/** A state of an object that asks to be the mirror's. */
export interface Candidate {
  readonly mapped: Mapped;
  /** Seconds of Stripe's clock: the state is at least as new as this. */
  readonly asOf: number;
  readonly deleted: boolean;
  /** Read from the API after the event was known, so it stands in for whatever the event saw. */
  readonly fetched: boolean;
}

/** What the mirror holds of the object. */
export interface Held {
  readonly asOf: number;
  readonly deletedAt: Date | null;
  readonly content: Readonly<Record<string, unknown>>;
}

/** `newer`: take it. `same`: nothing to take. `older`: leave it. `doubt`: ask the API. */
export type Verdict = 'newer' | 'same' | 'older' | 'doubt';

/** How far an object has come, where there is no way back. */
const RANKS: Readonly<Record<Noun, Readonly<Record<string, number>>>> = {
  customer: {},
  subscription: { canceled: 1, incomplete_expired: 1 },
  invoice: { draft: 0, open: 1, uncollectible: 2, paid: 3, void: 3 },
};

/**
 * Whether a candidate is newer than what is held. Stripe's events come in any order and its clock counts seconds, so:
 * deletion is final; a later second wins and an earlier one loses; within one second the state that is further on wins.
 * What is left is in doubt: one second and states as far as each other, or seconds and states that contradict each other.
 * A candidate that was fetched settles every doubt.
 */
export function judge(held: Held | null, candidate: Candidate): Verdict {
  const { mapped, asOf, deleted, fetched } = candidate;
  if (!held) return 'newer';
  if (held.deletedAt) return deleted ? 'same' : 'older';
  if (deleted) return 'newer';
  const later = Math.sign(asOf - held.asOf);
  const progress = rankOf(mapped.noun, mapped.content) - rankOf(mapped.noun, held.content);
  if (later < 0 && progress <= 0) return 'older';
  if (isDeepStrictEqual(held.content, mapped.content)) return 'same';
  return fetched ? 'newer' : weigh(later, progress);
}

/** By the seconds and by how far each has come, when they differ in content. */
function weigh(later: number, progress: number): Verdict {
  if (progress > 0) return later < 0 ? 'doubt' : 'newer';
  if (progress < 0) return later > 0 ? 'doubt' : 'older';
  return later > 0 ? 'newer' : 'doubt';
}

function rankOf(noun: Noun, content: Readonly<Record<string, unknown>>): number {
  return RANKS[noun][String(content['status'])] ?? 0;
}
