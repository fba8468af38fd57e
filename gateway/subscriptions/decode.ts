import { isUtf8 } from 'node:buffer';
import type { BusRecord } from '../../events/bus.ts';
import { fromRecord } from '../../events/envelope.ts';
import { createBoundedCache } from '../../lib/bounded-cache.ts';
import type { Logger } from '../../lib/logger.ts';

/** What a subscription needs of an event. */
export interface SubscriptionEvent {
  /** Null for a plain record without CloudEvents headers: it belongs to no tenant. */
  readonly tenant: string | null;
  /** By schema field names, `__typename` inside. */
  readonly payload: Readonly<Record<string, unknown>>;
}

/** How many bad records are remembered, so that each is logged once however many tails read it. */
const REPORTED = 1_000;

function parsePlain(record: BusRecord): SubscriptionEvent {
  const bytes = Buffer.from(record.value);
  if (!isUtf8(bytes)) throw new TypeError('not UTF-8');
  const payload: unknown = JSON.parse(bytes.toString('utf8'));
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) throw new TypeError('not an object');
  return { tenant: null, payload: payload as Record<string, unknown> };
}

/**
 * Reads records: our CloudEvents by their headers, and a record with none of them as its plain JSON (Cosmo's form).
 * What is neither is logged once and answered null, to be passed over.
 */
export function createDecoder(logger: Logger): (record: BusRecord) => SubscriptionEvent | null {
  const reported = createBoundedCache<true>(REPORTED);

  return (record) => {
    try {
      const isCloudEvent = Object.keys(record.headers).some((name) => name.startsWith('ce_'));
      if (!isCloudEvent) return parsePlain(record);
      const { tenant, data } = fromRecord(record);
      return { tenant, payload: data };
    } catch (err) {
      const { topic, partition, offset } = record;
      const place = `${topic}/${partition}/${offset}`;
      if (!reported.get(place)) logger.warn({ topic, partition, offset, err }, 'event passed over: it cannot be read');
      reported.set(place, true);
      return null;
    }
  };
}
