/** A member of a group as the assignment sees it. */
export interface Assignee {
  readonly topics: readonly string[];
}

/** A partition to give away, and who has it now. */
export interface Share<Member extends Assignee> {
  readonly topic: string;
  readonly partition: number;
  readonly owner: Member | null;
}

/**
 * Who reads what: every partition goes to one member that wants its topic, numbers are as equal as that allows,
 * and a partition stays where it is unless it must move. One owner each is what keeps the order per key.
 */
export function assign<Member extends Assignee>(
  shares: readonly Share<Member>[],
  members: readonly Member[],
): Map<Share<Member>, Member> {
  const load = new Map(members.map((member) => [member, 0]));
  const result = new Map<Share<Member>, Member>();
  const give = (share: Share<Member>, to: Member): void => {
    const from = result.get(share);
    if (from) load.set(from, loadOf(load, from) - 1);
    load.set(to, loadOf(load, to) + 1);
    result.set(share, to);
  };
  for (const share of shares)
    if (share.owner && load.has(share.owner) && share.owner.topics.includes(share.topic)) give(share, share.owner);
  for (const share of shares) {
    const lightest = lightestFor(share, members, load);
    if (lightest && !result.has(share)) give(share, lightest);
  }
  for (const share of shares) {
    const owner = result.get(share);
    const lightest = lightestFor(share, members, load);
    if (owner && lightest && loadOf(load, owner) - loadOf(load, lightest) > 1) give(share, lightest);
  }
  return result;
}

function loadOf<Member>(load: ReadonlyMap<Member, number>, member: Member): number {
  return load.get(member) ?? 0;
}

function lightestFor<Member extends Assignee>(
  share: Share<Member>,
  members: readonly Member[],
  load: ReadonlyMap<Member, number>,
): Member | undefined {
  return members
    .filter(({ topics }) => topics.includes(share.topic))
    .sort((one, other) => loadOf(load, one) - loadOf(load, other))[0];
}
