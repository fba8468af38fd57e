import type { Channel, ConsumeMessage } from 'amqplib';
import { AppError } from '../../lib/errors.ts';
import { closeQuietly, type Link } from './link.ts';
import { fence, openStream, type StreamStart } from './open-stream.ts';

/** How long the first message of a stream that is not empty may take. */
const ANSWER_MS = 5_000;

/** The first message a stream keeps. */
export function firstMessage(link: Link, stream: string): Promise<ConsumeMessage> {
  return probe(link, stream, 'first', async (_, got) => got[0]);
}

/** The last message of a stream: the broker sends the whole last chunk, so the last of those that came. */
export function lastMessage(link: Link, stream: string): Promise<ConsumeMessage> {
  return probe(link, stream, 'last', async (channel, got) => {
    await fence(channel, 1);
    return got.at(-1);
  });
}

/** The message at a place of the stream's own counting, or the next after it. It must not be after the last. */
export function messageAt(link: Link, stream: string, offset: number): Promise<ConsumeMessage> {
  return probe(link, stream, offset, async (_, got) => got[0]);
}

/** Reads on a channel of its own until the first message is there. Streams of ours are never empty. */
async function probe(
  link: Link,
  stream: string,
  from: StreamStart,
  pick: (channel: Channel, got: readonly ConsumeMessage[]) => Promise<ConsumeMessage | undefined>,
): Promise<ConsumeMessage> {
  const channel = await link.channel();
  const got: ConsumeMessage[] = [];
  let timer: NodeJS.Timeout | undefined;
  try {
    const came = new Promise<void>((resolve, reject) => {
      timer = setTimeout(() => reject(silent(stream)), ANSWER_MS);
      // In a later turn: what closed the channel also fails the call below, and says why.
      channel.once('close', () => setImmediate(() => reject(silent(stream))));
      const onMessage = (message: ConsumeMessage) => {
        got.push(message);
        resolve();
      };
      openStream({ channel, stream, from, prefetch: 1, onMessage }).catch(reject);
    });
    await came;
    return (await pick(channel, got)) ?? fail(stream);
  } finally {
    clearTimeout(timer);
    void closeQuietly(channel);
  }
}

function fail(stream: string): never {
  throw silent(stream);
}

function silent(stream: string): AppError {
  return new AppError('BUS_UNAVAILABLE', `RabbitMQ did not answer for ${stream}.`);
}
