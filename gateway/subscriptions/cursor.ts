import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Position } from '../../events/bus.ts';
import { AppError } from '../../lib/errors.ts';

/** What a cursor is good for: no other topics, no other tenant. */
export interface CursorBinding {
  readonly topics: readonly string[];
  readonly tenant: string | null;
}

/** Turns places in the log into opaque text for clients and back. */
export interface CursorCodec {
  /** A list of positions given twice (the same object) is signed once. */
  encode(positions: readonly Position[], binding: CursorBinding): string;
  /** AppError CURSOR_INVALID for anything that this codec did not write for this binding. */
  decode(cursor: string, binding: CursorBinding): Position[];
}

/** Base64url payload, a dot, base64url HMAC-SHA256; 43 characters are 32 bytes. */
const SHAPE = /^([A-Za-z0-9_-]{1,65536})\.([A-Za-z0-9_-]{43})$/;
const VERSION = 1;

function invalid(): AppError {
  return new AppError('CURSOR_INVALID', 'The cursor is not one of this subscription.');
}

function bindingText({ topics, tenant }: CursorBinding): string {
  return JSON.stringify([VERSION, [...topics].sort(), tenant]);
}

/** `[[topic, [[partition, offset], …]], …]`: a topic's name is written once. */
function toPayload(positions: readonly Position[]): string {
  const topics = new Map<string, [number, number][]>();
  for (const { topic, partition, offset } of positions) {
    const places = topics.get(topic);
    if (places) places.push([partition, offset]);
    else topics.set(topic, [[partition, offset]]);
  }
  return Buffer.from(JSON.stringify([...topics])).toString('base64url');
}

function fromPayload(payload: string): Position[] {
  const topics: [string, [number, number][]][] = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
  return topics.flatMap(([topic, places]) => places.map(([partition, offset]) => ({ topic, partition, offset })));
}

/** A codec that signs with `secret`. What is decoded was written by a holder of the secret, so its shape is trusted. */
export function createCursorCodec(secret: string): CursorCodec {
  const signed = new WeakMap<readonly Position[], Map<string, string>>();

  function signatureOf(payload: string, binding: string): string {
    return createHmac('sha256', secret).update(binding).update('\n').update(payload).digest('base64url');
  }

  return {
    encode(positions, binding) {
      const bound = bindingText(binding);
      const cursors = signed.get(positions) ?? new Map<string, string>();
      signed.set(positions, cursors);
      const known = cursors.get(bound);
      if (known) return known;
      const payload = toPayload(positions);
      const cursor = `${payload}.${signatureOf(payload, bound)}`;
      cursors.set(bound, cursor);
      return cursor;
    },
    decode(cursor, binding) {
      const [, payload, signature] = SHAPE.exec(cursor) ?? [];
      if (payload === undefined || signature === undefined) throw invalid();
      const expected = signatureOf(payload, bindingText(binding));
      // As text: the last base64url character has spare bits, and a cursor with one of them flipped is forged too.
      if (!timingSafeEqual(Buffer.from(signature), Buffer.from(expected))) throw invalid();
      return fromPayload(payload);
    },
  };
}
