import { z } from 'zod';
import { AppError } from '../lib/errors.ts';
import type { OutgoingRecord } from './bus.ts';
import type { Cause, EventData, TributaryEvent } from './event.ts';

/** Header prefix of an attribute. CloudEvents Kafka protocol binding v1.0.2, §3.2 (binary content mode). */
const PREFIX = 'ce_';
/** The attributes an event may have beside `specversion`; `subject` is the message key too. */
const OPTIONAL = ['traceparent', 'origin'] as const;
const REQUIRED = ['id', 'source', 'type', 'subject', 'time', 'tenant', 'cause'] as const;

const text = z.string().min(1);
const causes = ['LIVE', 'BACKFILL', 'IMPORT', 'REPLAY'] as const satisfies readonly Cause[];

const envelope = z.object({
  id: text,
  source: text,
  type: text,
  subject: text,
  time: z.iso.datetime({ offset: true }),
  tenant: text,
  cause: z.enum(causes),
  traceparent: z
    .string()
    .regex(/^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/)
    .optional(),
  origin: text.optional(),
  data: z.looseObject({
    __typename: text,
    id: text,
    type: text,
    version: z.number(),
    changed: z.array(z.string()),
  }),
});

function parse(candidate: unknown): TributaryEvent {
  const parsed = envelope.safeParse(candidate);
  if (parsed.success) return parsed.data as TributaryEvent;
  const field = parsed.error.issues[0]?.path.join('.') || '*';
  throw new AppError('EVENT_INVALID', `The event's ${field} is missing or malformed.`, { extensions: { field } });
}

/** An event as a record: attributes as `ce_` headers, data as JSON, subject as key. AppError EVENT_INVALID names the field. */
export function toRecord(event: TributaryEvent): OutgoingRecord {
  const { data, subject } = parse(event);
  const headers: Record<string, string> = { [`${PREFIX}specversion`]: '1.0' };
  for (const name of REQUIRED) headers[PREFIX + name] = event[name];
  for (const name of OPTIONAL) if (event[name] !== undefined) headers[PREFIX + name] = event[name];
  headers['content-type'] = 'application/json';
  return { key: subject, value: Buffer.from(JSON.stringify(data)), headers };
}

/**
 * The event of a record. Unknown attributes and data fields pass, so that a newer producer does not stop an older reader.
 * AppError EVENT_INVALID names what is missing or malformed; its message never shows the value.
 */
export function fromRecord({ headers, value }: Pick<OutgoingRecord, 'headers' | 'value'>): TributaryEvent {
  if (headers[`${PREFIX}specversion`] !== '1.0')
    throw new AppError('EVENT_INVALID', 'The record is not a CloudEvents 1.0 event in binary mode.', {
      extensions: { field: 'specversion' },
    });
  const attributes = [...REQUIRED, ...OPTIONAL].flatMap((name) => {
    const attribute = headers[PREFIX + name];
    return attribute === undefined ? [] : [[name, attribute]];
  });
  return parse({ ...Object.fromEntries(attributes), data: parseData(value) });
}

function parseData(value: Uint8Array): EventData {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(value));
  } catch (cause) {
    throw new AppError('EVENT_INVALID', 'The event’s data is not JSON.', { cause, extensions: { field: 'data' } });
  }
}
