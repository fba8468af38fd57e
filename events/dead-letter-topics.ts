import { deadLetterTopic, type TopicSpec } from './bus.ts';

/** Dead letters wait for a person: a month at least. */
export const DEAD_LETTER_RETENTION_MS = 30 * 24 * 3_600_000;

/** A topic and its dead-letter topic (one partition, as they are few and read by people, and with all its topic's bytes). A dead-letter topic has none of its own. */
export function withDeadLetters(spec: TopicSpec): TopicSpec[] {
  if (spec.name.endsWith('.dlq')) return [spec];
  const { retentionBytes } = spec;
  const bytes = retentionBytes === undefined ? {} : { retentionBytes: retentionBytes * spec.partitions };
  const retentionMs = Math.max(spec.retentionMs, DEAD_LETTER_RETENTION_MS);
  return [spec, { name: deadLetterTopic(spec.name), partitions: 1, retentionMs, ...bytes }];
}
