import type { Channel, ConsumeMessage } from 'amqplib';
import { closeQuietly, type Link } from './link.ts';
import { fence, openStream } from './open-stream.ts';

const PREFETCH = 512;
const ACK_EVERY = 64;
/** How long the log's last record may take. */
const ANSWER_MS = 5_000;

/**
 * Reads a log along with its writer, which so learns where each of its records went: AMQP 0-9-1 confirms without an
 * offset. Resolves once all that the log held is read. `from`: the stream's counting, null for its last record.
 */
export async function openEcho(options: {
  readonly link: Link;
  readonly stream: string;
  readonly from: number | null;
  readonly onMessage: (message: ConsumeMessage) => void;
}): Promise<Channel> {
  const { link, stream, from, onMessage } = options;
  const channel = await link.channel();
  const count = { seen: 0, unacknowledged: 0 };
  let last: ConsumeMessage | null = null;
  let timer: NodeJS.Timeout | undefined;
  const acknowledge = () => {
    if (last && count.unacknowledged > 0) channel.ack(last, true);
    count.unacknowledged = 0;
  };
  try {
    await new Promise<void>((resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`${stream} does not answer`)), ANSWER_MS);
      // In a later turn: what closed the channel also fails the call below, and says why.
      channel.once('close', () => setImmediate(() => reject(new Error(`reading ${stream} ended`))));
      const take = (message: ConsumeMessage) => {
        last = message;
        count.seen += 1;
        count.unacknowledged += 1;
        onMessage(message);
        if (count.unacknowledged >= ACK_EVERY) acknowledge();
        resolve();
      };
      openStream({ channel, stream, from: from ?? 'last', prefetch: PREFETCH, onMessage: take }).catch(reject);
    });
    await catchUp(channel, count, acknowledge);
    return channel;
  } catch (error) {
    void closeQuietly(channel);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** A round that brings fewer than the broker may send at once has reached the end of the log. */
async function catchUp(channel: Channel, count: { readonly seen: number }, acknowledge: () => void): Promise<void> {
  for (let before = -PREFETCH; count.seen - before >= PREFETCH; ) {
    before = count.seen;
    acknowledge();
    await fence(channel, PREFETCH);
  }
}
