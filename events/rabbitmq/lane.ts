import { setTimeout as wait } from 'node:timers/promises';
import type { Channel, ConsumeMessage } from 'amqplib';
import type { AppError } from '../../lib/errors.ts';
import { newUlid } from '../../lib/ids.ts';
import { backoffMs } from '../backoff.ts';
import type { OutgoingRecord, Position } from '../bus.ts';
import { recordBytes, unknownTopic } from '../record-limits.ts';
import type { ConfirmedChannel } from './confirmed-channel.ts';
import { openEcho } from './echo.ts';
import { isMissing, PATIENCE_MS, toBusError } from './failure.ts';
import { closeQuietly, type Link } from './link.ts';
import { logName, type Place } from './names.ts';
import { streamOffset, timeOf, toMessage } from './record-codec.ts';

/** Most that is under way at once in one lane. */
const FLIGHT_BYTES = 4_000_000;
const FLIGHT_RECORDS = 2_000;
/** How long the broker may let what is under way wait before the connection is given up. */
const STALL_MS = 6_000;
/** How long a lane without work keeps its reader. */
const IDLE_MS = 60_000;

/** What a lane needs. */
export interface LaneOptions {
  readonly place: Place;
  readonly link: Link;
  /** The channel that all lanes publish on; opened anew once it is gone. */
  readonly publishing: () => Promise<ConfirmedChannel>;
  /** Whether the topic is gone, and its log not only away while the broker starts. */
  readonly isGone: () => Promise<boolean>;
}

interface Waiting {
  readonly id: string;
  readonly record: OutgoingRecord;
  readonly bytes: number;
  readonly resolve: (position: Position) => void;
  readonly reject: (error: AppError) => void;
}

interface Session {
  readonly publishing: ConfirmedChannel;
  readonly echo: Channel;
  readonly onClose: () => void;
}

/**
 * The way of records into one partition, in the order of the calls. A record is acknowledged when it is read back from
 * the log, committed by the broker, with its offset. After a broken connection the log is read to its end first, and only
 * what is not in it is sent again: no record is doubled by that, and none overtakes another. When the broker stays away,
 * all that wait fail together, else a caller's retry would put older records behind newer ones.
 */
export class Lane {
  readonly #options: LaneOptions;
  readonly #stream: string;
  /** In order; those sent first. */
  readonly #waiting = new Map<string, Waiting>();
  #unsent: Waiting[] = [];
  #flight = { records: 0, bytes: 0 };
  #session: Session | null = null;
  /** Of the reader that counts: one that is closing may still bring what the next has brought. */
  #epoch = 0;
  #opening: Promise<void> | null = null;
  /** The stream's counting: the last record read back. */
  #last: number | null = null;
  #time = 0;
  #isFull = false;
  #progressAt = performance.now();

  constructor(options: LaneOptions) {
    this.#options = options;
    this.#stream = logName(options.place);
  }

  /** Resolves with the record's place once it is durable. */
  add(record: OutgoingRecord): Promise<Position> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.size === 0) this.#progressAt = performance.now();
      const waiting = { id: newUlid(), record, bytes: recordBytes(record), resolve, reject };
      this.#waiting.set(waiting.id, waiting);
      this.#unsent.push(waiting);
      this.#pump();
    });
  }

  /** To be called now and then: gives up a connection that stands still, and the reader of a lane without work. */
  look(): void {
    const restMs = performance.now() - this.#progressAt;
    if (this.#flight.records > 0 && restMs > STALL_MS) {
      void this.#options.link.drop('RabbitMQ confirms nothing');
      this.#fail(toBusError(new Error(`nothing was confirmed for ${STALL_MS} ms`)));
    }
    if (this.#waiting.size === 0 && restMs > IDLE_MS) this.#rest();
  }

  /** Resolves when nothing waits any more. */
  async drained(): Promise<void> {
    while (this.#waiting.size > 0) await wait(10);
    this.#rest();
  }

  #pump(): void {
    if (!this.#session) {
      this.#opening ??= this.#open().finally(() => {
        this.#opening = null;
        if (!this.#session && this.#waiting.size > 0) this.#pump();
      });
      return;
    }
    const { publishing } = this.#session;
    let next = 0;
    while (next < this.#unsent.length && publishing.isOpen && this.#hasRoom()) {
      const waiting = this.#unsent[next] as Waiting;
      if (this.#waiting.has(waiting.id)) this.#send(publishing, waiting);
      next += 1;
    }
    this.#unsent.splice(0, next);
  }

  #hasRoom(): boolean {
    return !this.#isFull && this.#flight.records < FLIGHT_RECORDS && this.#flight.bytes < FLIGHT_BYTES;
  }

  #send(publishing: ConfirmedChannel, { id, record, bytes }: Waiting): void {
    this.#flight.records += 1;
    this.#flight.bytes += bytes;
    // Never before the log's last record, whosever clock stamped that: a search by time counts on it.
    this.#time = Math.max(this.#time, Date.now());
    const { content, options } = toMessage(record, this.#time);
    const hasRoom = publishing.send(this.#stream, content, { ...options, messageId: id }, (error) =>
      this.#settled(id, publishing, error),
    );
    if (hasRoom) return;
    this.#isFull = true;
    publishing.channel.once('drain', () => {
      this.#isFull = false;
      this.#pump();
    });
  }

  /** The broker's confirm. When all is well the echo has, or will have, the offset. */
  #settled(id: string, publishing: ConfirmedChannel, error: unknown): void {
    if (!error || !this.#waiting.has(id)) return;
    // Without a log those behind it are lost too, or else would now be before it.
    if (toBusError(error).code === 'EVENT_INVALID') void this.#failMissing();
    // Refused: all lanes look into their logs and begin again from there.
    else void publishing.close();
  }

  #read(message: ConsumeMessage): void {
    this.#last = streamOffset(message);
    this.#time = Math.max(this.#time, timeOf(message));
    const id = String(message.properties.messageId);
    const waiting = this.#waiting.get(id);
    if (!waiting) return;
    this.#waiting.delete(id);
    this.#flight.records -= 1;
    this.#flight.bytes -= waiting.bytes;
    this.#progressAt = performance.now();
    waiting.resolve({ ...this.#options.place, offset: this.#last - 1 });
    if (this.#session) this.#pump();
  }

  async #open(): Promise<void> {
    const end = performance.now() + PATIENCE_MS;
    for (let attempt = 1; this.#waiting.size > 0; attempt += 1) {
      try {
        await this.#connect();
        return;
      } catch (error) {
        if (isMissing(error) && (await this.#isGone())) return this.#fail(unknownTopic(this.#options.place.topic));
        const failure = toBusError(error);
        if (failure.code !== 'BUS_UNAVAILABLE' || performance.now() > end) return this.#fail(failure);
        await wait(backoffMs(attempt, { firstMs: 100, maxMs: 1_000 }));
      }
    }
  }

  async #connect(): Promise<void> {
    const { link, publishing: open } = this.#options;
    const publishing = await open();
    const epoch = ++this.#epoch;
    const onMessage = (message: ConsumeMessage) => epoch === this.#epoch && this.#read(message);
    const echo = await openEcho({ link, stream: this.#stream, from: this.#last, onMessage });
    if (!publishing.isOpen) {
      void closeQuietly(echo);
      throw new Error('the channel closed meanwhile');
    }
    const onClose = () => this.#lost(session);
    const session: Session = { publishing, echo, onClose };
    this.#session = session;
    for (const channel of [publishing.channel, echo]) channel.once('close', onClose);
    this.#unsent = [...this.#waiting.values()];
    this.#flight = { records: 0, bytes: 0 };
    this.#isFull = false;
    this.#progressAt = performance.now();
    this.#pump();
  }

  #lost(session: Session): void {
    if (this.#session !== session) return;
    this.#rest();
    if (this.#waiting.size > 0) this.#pump();
  }

  #rest(): void {
    const session = this.#session;
    this.#session = null;
    this.#flight = { records: 0, bytes: 0 };
    this.#epoch += 1;
    if (!session) return;
    for (const channel of [session.publishing.channel, session.echo]) channel.off('close', session.onClose);
    void closeQuietly(session.echo);
  }

  async #failMissing(): Promise<void> {
    const { topic } = this.#options.place;
    this.#fail((await this.#isGone()) ? unknownTopic(topic) : toBusError(new Error(`${this.#stream} is away`)));
  }

  async #isGone(): Promise<boolean> {
    const isGone = await this.#options.isGone().catch(() => false);
    if (isGone) this.#last = null;
    return isGone;
  }

  #fail(failure: AppError): void {
    const failed = [...this.#waiting.values()];
    this.#waiting.clear();
    this.#unsent = [];
    this.#rest();
    for (const { reject } of failed) reject(failure);
  }
}
