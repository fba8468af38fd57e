import type { Channel, ConsumeMessage } from 'amqplib';
import { closeQuietly } from './link.ts';

/** Where a reading of a stream begins: a place of its own counting, or one of the broker's words. */
export type StreamStart = 'first' | 'last' | number;

/** How to read a stream. */
export interface StreamOptions {
  readonly channel: Channel;
  readonly stream: string;
  readonly from: StreamStart;
  /** Unacknowledged messages at which the broker pauses. It sends whole chunks, so somewhat more may come. */
  readonly prefetch: number;
  /** Must not throw. */
  readonly onMessage: (message: ConsumeMessage) => void;
}

/** Begins to read; answers the consumer's tag. A stream that is removed meanwhile closes the channel. */
export async function openStream(options: StreamOptions): Promise<string> {
  const { channel, stream, from, prefetch, onMessage } = options;
  await channel.prefetch(prefetch);
  const { consumerTag } = await channel.consume(
    stream,
    (message) => {
      if (message) onMessage(message);
      else void closeQuietly(channel);
    },
    { arguments: { 'x-stream-offset': from } },
  );
  return consumerTag;
}

/** Resolves when all that the broker had for this channel has come: it answers a channel's requests in order, after what it sent. */
export async function fence(channel: Channel, prefetch: number): Promise<void> {
  await channel.prefetch(prefetch);
}
