import type { Position } from '../../events/bus.ts';

/** How far a reading has come: for each partition the next offset to read. Never moves back. */
export interface Positions {
  /** Takes note of a place, unless it lies behind the one known. */
  raise(position: Position): void;
  /** The next offset of a partition; undefined when the partition is not known. */
  next(topic: string, partition: number): number | undefined;
  /** Whether this reading is at or past the other in every partition the other knows. */
  covers(other: Positions): boolean;
  /** All places, in a fixed order. A new list, that nobody changes. */
  list(): readonly Position[];
}

/** A record of positions that begins at `initial`. */
export function createPositions(initial: readonly Position[] = []): Positions {
  const topics = new Map<string, Map<number, number>>();

  const self: Positions = {
    raise({ topic, partition, offset }) {
      const partitions = topics.get(topic) ?? new Map<number, number>();
      topics.set(topic, partitions);
      const known = partitions.get(partition);
      if (known === undefined || known < offset) partitions.set(partition, offset);
    },
    next: (topic, partition) => topics.get(topic)?.get(partition),
    covers: (other) =>
      other.list().every(({ topic, partition, offset }) => (self.next(topic, partition) ?? -1) >= offset),
    list: () =>
      [...topics].flatMap(([topic, partitions]) =>
        [...partitions].map(([partition, offset]) => ({ topic, partition, offset })),
      ),
  };
  for (const position of initial) self.raise(position);
  return self;
}
