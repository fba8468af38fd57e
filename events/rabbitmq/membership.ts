import { once } from 'node:events';
import type { Channel, ConsumeMessage } from 'amqplib';
import { newUlid } from '../../lib/ids.ts';
import type { Logger } from '../../lib/logger.ts';
import { keepTrying } from './keep-trying.ts';
import { closeQuietly, type Link } from './link.ts';
import { beatsName } from './names.ts';

/** How often a member says that it lives, and how long the others believe it without, in milliseconds. */
const BEAT_MS = 1_000;
const SILENCE_MS = 4_000;

/** A member of a group as the others know it. */
export interface Peer {
  readonly id: string;
  readonly topics: readonly string[];
}

interface Beat extends Peer {
  /** `hello` asks the others to answer at once, `bye` ends it. */
  readonly word: 'hello' | 'here' | 'bye';
}

/** A member's knowledge of its group. */
export interface Membership {
  readonly id: string;
  /** All members including this one, the oldest first: the same everywhere, once all have heard of each other. */
  peers(): readonly Peer[];
  /** Says goodbye. */
  close(): Promise<void>;
}

/**
 * Joins the talk of a group: who is there decides who stands in which line. It decides nothing else: the broker gives a
 * turn to one member only, whatever they think of each other. Resolves once the others can hear this one.
 */
export async function joinGroup(options: {
  readonly link: Link;
  readonly group: string;
  readonly topics: readonly string[];
  readonly onChange: () => void;
  readonly logger: Logger;
}): Promise<Membership> {
  const { link, group, topics, onChange, logger } = options;
  const self: Peer = { id: newUlid(), topics };
  const heard = new Map<string, { peer: Peer; at: number }>();
  const stop = new AbortController();
  let joined: () => void = () => undefined;
  const isHeard = new Promise<void>((resolve) => (joined = resolve));

  const forget = () => {
    const old = [...heard].filter(([, { at }]) => performance.now() - at > SILENCE_MS);
    for (const [id] of old) heard.delete(id);
    if (old.length > 0) onChange();
  };
  const hear = (beat: Beat, answer: () => void) => {
    if (beat.id === self.id) return;
    const isNew = !heard.has(beat.id);
    if (beat.word === 'bye') heard.delete(beat.id);
    else heard.set(beat.id, { peer: beat, at: performance.now() });
    if (beat.word === 'hello') answer();
    if (isNew === (beat.word !== 'bye')) onChange();
  };
  const run = () => talk({ link, group, self, stop: stop.signal, hear, forget, joined });
  const over = keepTrying({ signal: stop.signal, logger, what: { group }, run }).then(joined);
  await isHeard;
  return {
    id: self.id,
    peers: () =>
      [self, ...[...heard.values()].map(({ peer }) => peer)].sort((one, other) => (one.id < other.id ? -1 : 1)),
    close: async () => {
      stop.abort();
      await over;
    },
  };
}

/** One stay in the talk, until it is stopped or the channel is lost. */
async function talk(options: {
  readonly link: Link;
  readonly group: string;
  readonly self: Peer;
  readonly stop: AbortSignal;
  readonly hear: (beat: Beat, answer: () => void) => void;
  readonly forget: () => void;
  readonly joined: () => void;
}): Promise<void> {
  const { link, group, self, stop, hear, forget, joined } = options;
  const channel = await link.channel();
  const lost = new AbortController();
  channel.once('close', () => lost.abort());
  const say = (word: Beat['word']) => {
    const beat = Buffer.from(JSON.stringify({ ...self, word }));
    if (!lost.signal.aborted) channel.publish(beatsName(group), '', beat);
  };
  try {
    await listen(channel, beatsName(group), (beat) => hear(beat, () => say('here')));
    say('hello');
    joined();
    const timer = setInterval(() => {
      say('here');
      forget();
    }, BEAT_MS);
    const ended = AbortSignal.any([stop, lost.signal]);
    if (!ended.aborted) await once(ended, 'abort');
    clearInterval(timer);
    say('bye');
  } finally {
    await closeQuietly(channel);
  }
}

async function listen(channel: Channel, exchange: string, hear: (beat: Beat) => void): Promise<void> {
  await channel.assertExchange(exchange, 'fanout', { durable: true });
  const { queue } = await channel.assertQueue('', { exclusive: true, autoDelete: true, durable: false });
  await channel.bindQueue(queue, exchange, '');
  const onMessage = (message: ConsumeMessage | null) => {
    const beat = message && toBeat(message.content);
    if (beat) hear(beat);
  };
  await channel.consume(queue, onMessage, { noAck: true });
}

/** Anybody may send to the exchange; what is no beat is none. */
function toBeat(content: Buffer): Beat | null {
  try {
    const { id, topics, word } = JSON.parse(content.toString()) as Beat;
    const isBeat = typeof id === 'string' && typeof word === 'string' && Array.isArray(topics);
    return isBeat ? { id, topics, word } : null;
  } catch {
    return null;
  }
}
