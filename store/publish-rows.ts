import type { Bus, OutgoingRecord } from '../events/bus.ts';
import { AppError } from '../lib/errors.ts';
import { isRefusal } from './bus-refusal.ts';
import type { OutboxRow } from './outbox-row.ts';

/** What became of the rows of one topic. */
export interface Outcome {
  readonly topic: string;
  /** Ids of rows the bus acknowledged. */
  readonly published: readonly string[];
  /** Rows it will never take. */
  readonly refused: readonly { readonly id: string; readonly code: string; readonly message: string }[];
  /** Why the rest must wait; null when nothing must. */
  readonly failure: unknown;
}

/** Publishes rows topic by topic, side by side; within a topic in their order, which per entity is that of its versions. */
export function publishRows(bus: Bus, rows: readonly OutboxRow[]): Promise<Outcome[]> {
  const topics = groupBy(rows, 'topic');
  return Promise.all([...topics].map(([topic, some]) => publishTopic(bus, topic, inVersionOrder(some))));
}

async function publishTopic(bus: Bus, topic: string, rows: readonly OutboxRow[]): Promise<Outcome> {
  const ids = rows.map(({ _id }) => _id);
  try {
    await bus.publish(topic, rows.map(toOutgoing));
    return { topic, published: ids, refused: [], failure: null };
  } catch (error) {
    if (!isRefusal(error, topic)) return { topic, published: [], refused: [], failure: error };
    const [only] = ids;
    if (ids.length === 1 && only !== undefined)
      return { topic, published: [], refused: [{ id: only, code: error.code, message: error.message }], failure: null };
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
    if (outcome.failure !== null) return { topic, published, refused, failure: outcome.failure };
  }
  return { topic, published, refused, failure: null };
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

/** AppError EVENT_INVALID for a row that nobody of us wrote: it must not keep the others from being sent. */
function toOutgoing({ _id, key, value, headers }: OutboxRow): OutgoingRecord {
  const bytes = value instanceof Uint8Array ? value : value?.buffer;
  if (typeof key !== 'string' || !(bytes instanceof Uint8Array) || typeof headers !== 'object' || headers === null)
    throw new AppError('EVENT_INVALID', `The outbox row ${_id} is no record.`, { extensions: { field: '*' } });
  return { key, value: bytes, headers };
}
