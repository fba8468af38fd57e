import type { Bus, OutgoingRecord } from '../events/bus.ts';
import { AppError } from '../lib/errors.ts';
import type { OutboxRow } from './outbox-row.ts';

/** What became of a batch of rows. */
export interface Outcome {
  /** Ids of rows the bus acknowledged. */
  readonly published: readonly string[];
  /** Rows it will never take. */
  readonly refused: readonly { readonly id: string; readonly code: string; readonly message: string }[];
  /** Why the rest must wait; null when nothing must. */
  readonly failure: unknown;
}

/** Publishes rows topic by topic, side by side; within a topic in their order, which per entity is that of its versions. */
export async function publishRows(bus: Bus, rows: readonly OutboxRow[]): Promise<Outcome> {
  const topics = groupBy(rows, 'topic');
  const outcomes = await Promise.all(
    [...topics].map(([topic, some]) => publishTopic(bus, topic, inVersionOrder(some))),
  );
  return {
    published: outcomes.flatMap(({ published }) => published),
    refused: outcomes.flatMap(({ refused }) => refused),
    failure: outcomes.find(({ failure }) => failure !== null)?.failure ?? null,
  };
}

async function publishTopic(bus: Bus, topic: string, rows: readonly OutboxRow[]): Promise<Outcome> {
  const ids = rows.map(({ _id }) => _id);
  try {
    await bus.publish(topic, rows.map(toOutgoing));
    return { published: ids, refused: [], failure: null };
  } catch (error) {
    if (!isRefusal(error)) return { published: [], refused: [], failure: error };
    const [only] = ids;
    if (ids.length === 1 && only !== undefined)
      return { published: [], refused: [{ id: only, code: error.code, message: error.message }], failure: null };
    return publishOneByOne(bus, topic, rows);
  }
}

/** Finds the row that spoils the batch. Stops at the first that must wait: those after it may be of the same entity. */
async function publishOneByOne(bus: Bus, topic: string, rows: readonly OutboxRow[]): Promise<Outcome> {
  const published: string[] = [];
  const refused: Outcome['refused'][number][] = [];
  for (const row of rows) {
    const outcome = await publishTopic(bus, topic, [row]);
    published.push(...outcome.published);
    refused.push(...outcome.refused);
    if (outcome.failure !== null) return { published, refused, failure: outcome.failure };
  }
  return { published, refused, failure: null };
}

/** Whether the record itself is at fault, not the moment. */
function isRefusal(error: unknown): error is AppError {
  return error instanceof AppError && (error.code === 'EVENT_INVALID' || error.code === 'PAYLOAD_TOO_LARGE');
}

/** Puts the rows of each entity into the order of its versions, in the places these rows have; other rows stay where they are. */
export function inVersionOrder(rows: readonly OutboxRow[]): OutboxRow[] {
  const byKey = groupBy(rows, 'key');
  for (const some of byKey.values()) some.sort((one, other) => one.version - other.version);
  return rows.map((row) => byKey.get(row.key)?.shift() ?? row);
}

function groupBy(rows: readonly OutboxRow[], field: 'topic' | 'key'): Map<string, OutboxRow[]> {
  const groups = new Map<string, OutboxRow[]>();
  for (const row of rows) {
    const group = groups.get(row[field]);
    if (group) group.push(row);
    else groups.set(row[field], [row]);
  }
  return groups;
}

function toOutgoing({ key, value, headers }: OutboxRow): OutgoingRecord {
  return { key, value: value instanceof Uint8Array ? value : value.buffer, headers };
}
