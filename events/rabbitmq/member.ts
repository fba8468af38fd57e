import type { Logger } from '../../lib/logger.ts';
import type { ConsumeOptions, Consumer } from '../bus.ts';
import type { Delivery } from '../delivery.ts';
import { assign } from '../embedded/assignment.ts';
import type { GroupPlaces } from './group-places.ts';
import type { Link } from './link.ts';
import { joinGroup, type Membership } from './membership.ts';
import { logName, type Place } from './names.ts';
import { type Turn, takeTurn } from './turn.ts';

/** What a member of a group needs. */
export interface MemberOptions extends Pick<ConsumeOptions, 'group' | 'topics'> {
  readonly link: Link;
  readonly groups: GroupPlaces;
  /** All partitions of its topics. */
  readonly places: readonly Place[];
  /** Makes what the group needs on the broker, where it is missing. */
  readonly prepare: () => Promise<void>;
  readonly low: (place: Place) => Promise<number>;
  readonly take: Delivery;
  readonly logger: Logger;
}

/** Joins a group; resolves once the member stands in line for its share of the partitions. */
export async function startMember(options: MemberOptions): Promise<Consumer> {
  await options.prepare();
  const lines = new Lines(options);
  const { link, group, topics, logger } = options;
  const membership = await joinGroup({ link, group, topics, logger, onChange: () => lines.follow() });
  await lines.join(membership);
  return {
    close: async () => {
      await membership.close();
      await lines.close();
    },
  };
}

/** The lines a member stands in: those of its share, which changes with the membership. */
class Lines {
  readonly #options: MemberOptions;
  readonly #turns = new Map<string, Turn>();
  readonly #leaving = new Map<string, Promise<void>>();
  #membership: Membership | null = null;
  #isClosed = false;

  constructor(options: MemberOptions) {
    this.#options = options;
  }

  async join(membership: Membership): Promise<void> {
    this.#membership = membership;
    this.follow();
    await Promise.all([...this.#turns.values()].map((turn) => turn.inLine));
  }

  /** Leaves the lines of others, and stands in those of its own. */
  follow(): void {
    if (!this.#membership || this.#isClosed) return;
    const share = this.#share(this.#membership);
    for (const place of this.#options.places) {
      const name = logName(place);
      if (!share.has(place)) this.#leave(name);
      else if (!this.#turns.has(name) && !this.#leaving.has(name))
        this.#turns.set(name, takeTurn({ ...this.#options, place, repair: this.#options.prepare }));
    }
  }

  /** From the same peers all members reckon the same shares; nobody need be told. */
  #share(membership: Membership): Set<Place> {
    const shares = this.#options.places.map((place) => ({ ...place, place, owner: null }));
    const owners = assign(shares, membership.peers());
    const mine = shares.filter((share) => owners.get(share)?.id === membership.id);
    return new Set(mine.map(({ place }) => place));
  }

  #leave(name: string): void {
    const turn = this.#turns.get(name);
    if (!turn) return;
    this.#turns.delete(name);
    const left = turn.close().then(() => {
      this.#leaving.delete(name);
      this.follow();
    });
    this.#leaving.set(name, left);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const name of [...this.#turns.keys()]) this.#leave(name);
    await Promise.all(this.#leaving.values());
  }
}
