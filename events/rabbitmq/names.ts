import { createHash } from 'node:crypto';
import type { Position, TopicSpec } from '../bus.ts';

const MIB = 1_048_576;
/** A name on the broker is 255 bytes at most (AMQP 0-9-1, short string). */
const NAME_BYTES = 255;
/** Size of a stream's files where a topic sets no size; whole files go, so this is how coarse retention by age is. */
const FILE_BYTES = 32 * MIB;
/** A place is one small record written over and over: two files of this size at most are kept of it. */
const PLACE_FILE_BYTES = MIB;

/** A partition of a topic. */
export type Place = Pick<Position, 'topic' | 'partition'>;

/** The stream that is a partition's log. */
export function logName({ topic, partition }: Place): string {
  return `tributary.topic.${topic}/${partition}`;
}

/** The stream whose last record describes a topic. */
export function metaName(topic: string): string {
  return `tributary.topic.${topic}/meta`;
}

/** The exchange that stands for a topic that is whole: the last thing made of it. Nothing is sent to it. */
export function markName(topic: string): string {
  return `tributary.topic.${topic}`;
}

/** Stream and exchange that stand for a broker whose first stream is safe. */
export const ROOT_NAME = 'tributary';

/** The quorum queue through which members of a group take turns at a partition. */
export function turnName(group: string, { topic, partition }: Place): string {
  return within(`tributary.group.${group}/${topic}/${partition}/turn`);
}

/** The stream whose last record is where a group stands in a partition. */
export function placeName(group: string, { topic, partition }: Place): string {
  return within(`tributary.group.${group}/${topic}/${partition}/place`);
}

/** The exchange over which the members of a group hear of each other. */
export function beatsName(group: string): string {
  return `tributary.group.${group}`;
}

/** The queue that only one connection at a time can have. */
export function lockName(what: string): string {
  return `tributary.lock.${what}`;
}

/** Long names keep their beginning and their end; what is between them becomes a digest. */
function within(name: string): string {
  if (name.length <= NAME_BYTES) return name;
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 32);
  return `${name.slice(0, 200)}~${digest}${name.slice(name.lastIndexOf('/'))}`;
}

/**
 * Arguments of a partition's stream. The broker removes whole files, and looks when it begins a new one; one file more
 * than the limit is kept, so that no record goes before those after it fill the bytes.
 * https://www.rabbitmq.com/docs/streams#retention
 */
export function logArguments({ retentionMs, retentionBytes }: Pick<TopicSpec, 'retentionMs' | 'retentionBytes'>) {
  const file = retentionBytes === undefined ? FILE_BYTES : clamp(Math.ceil(retentionBytes / 8), MIB, FILE_BYTES);
  return {
    'x-queue-type': 'stream',
    'x-max-age': `${Math.max(1, Math.ceil(retentionMs / 1_000))}s`,
    'x-stream-max-segment-size-bytes': file,
    ...(retentionBytes === undefined ? {} : { 'x-max-length-bytes': retentionBytes + file }),
  };
}

/** Arguments of a stream of which only the last record counts. */
export const PLACE_ARGUMENTS = {
  'x-queue-type': 'stream',
  'x-max-length-bytes': PLACE_FILE_BYTES,
  'x-stream-max-segment-size-bytes': PLACE_FILE_BYTES,
} as const;

/**
 * How long a broker is given after its first stream, and after new quorum queues. RabbitMQ 3.10 writes the names of their
 * processes to disk only after half a second, or a whole one, without a change; killed before that, it has the first and
 * not the second after its restart, and they answer nobody any more.
 */
export const SETTLE_MS = 1_200;

/** Arguments of a queue of turns. https://www.rabbitmq.com/docs/consumers#single-active-consumer */
export const TURN_ARGUMENTS = { 'x-queue-type': 'quorum', 'x-single-active-consumer': true } as const;

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
