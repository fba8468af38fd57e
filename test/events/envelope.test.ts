import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromRecord, toRecord } from '../../events/envelope.ts';
import type { Cause, TributaryEvent } from '../../events/event.ts';

const event: TributaryEvent = {
  id: 'evt_1',
  source: '/stripe',
  type: 'stripe.invoice.paid',
  subject: 'in_1',
  time: '2026-01-02T03:04:05.678Z',
  tenant: 'acme',
  cause: 'LIVE',
  data: {
    __typename: 'StripeInvoice',
    id: 'in_1',
    type: 'stripe.invoice.paid',
    version: 7,
    changed: ['status'],
    accountId: null,
    customerId: 'cus_1',
    status: 'paid',
  },
};

describe('an event as a record', () => {
  it('has its attributes as headers, its data as JSON and its subject as key', () => {
    const record = toRecord(event);
    expect(record.key).toBe('in_1');
    expect(record.headers).toEqual({
      ce_specversion: '1.0',
      ce_id: 'evt_1',
      ce_source: '/stripe',
      ce_type: 'stripe.invoice.paid',
      ce_subject: 'in_1',
      ce_time: '2026-01-02T03:04:05.678Z',
      ce_tenant: 'acme',
      ce_cause: 'LIVE',
      'content-type': 'application/json',
    });
    expect(JSON.parse(Buffer.from(record.value).toString())).toEqual(event.data);
  });

  it('comes back as it was, whatever it holds', () => {
    const text = fc.string({ minLength: 1, unit: 'grapheme' });
    const hex = (length: number) =>
      fc.string({ minLength: length, maxLength: length, unit: fc.constantFrom(...'0123456789abcdef') });
    const events = fc.record(
      {
        id: text,
        source: text,
        type: text,
        subject: text,
        time: fc
          .date({ noInvalidDate: true, min: new Date(0), max: new Date('9999-01-01') })
          .map((date) => date.toISOString()),
        tenant: text,
        cause: fc.constantFrom<Cause>('LIVE', 'BACKFILL', 'IMPORT', 'REPLAY'),
        origin: text,
        traceparent: fc.tuple(hex(32), hex(16)).map(([trace, span]) => `00-${trace}-${span}-01`),
        data: fc.record({
          __typename: text,
          id: text,
          type: text,
          version: fc.nat(),
          changed: fc.array(text),
          extra: fc.option(text),
        }),
      },
      { requiredKeys: ['id', 'source', 'type', 'subject', 'time', 'tenant', 'cause', 'data'] },
    );
    fc.assert(
      fc.property(events, (any) => {
        expect(fromRecord(toRecord(any as TributaryEvent))).toEqual(any);
      }),
    );
  });

  it('lets attributes and fields of a newer producer pass', () => {
    const record = toRecord({ ...event, data: { ...event.data, later: 1 } });
    const read = fromRecord({ ...record, headers: { ...record.headers, ce_dataschema: '/v2', 'x-other': '1' } });
    expect(read).toEqual({ ...event, data: { ...event.data, later: 1 } });
  });
});

describe('a malformed record', () => {
  const record = toRecord(event);
  const without = (header: string) =>
    Object.fromEntries(Object.entries(record.headers).filter(([name]) => name !== header));

  it.each(['id', 'source', 'type', 'subject', 'time', 'tenant', 'cause'])('is refused without its %s', (field) => {
    const read = () => fromRecord({ ...record, headers: without(`ce_${field}`) });
    expect(read).toThrow(expect.objectContaining({ code: 'EVENT_INVALID', extensions: { field } }));
  });

  it.each<[string, string, string]>([
    ['time', 'ce_time', 'yesterday'],
    ['cause', 'ce_cause', 'live'],
    ['traceparent', 'ce_traceparent', '00-xyz'],
    ['specversion', 'ce_specversion', '0.3'],
  ])('is refused with a wrong %s', (field, header, value) => {
    const read = () => fromRecord({ ...record, headers: { ...record.headers, [header]: value } });
    expect(read).toThrow(expect.objectContaining({ code: 'EVENT_INVALID', extensions: { field } }));
  });

  it.each<[string, string | Uint8Array, string]>([
    ['no JSON', '{"id":', 'data'],
    ['no UTF-8', Uint8Array.from([0x22, 0xff, 0x22]), 'data'],
    ['JSON, but not data', '[]', 'data'],
    ['data without a version', '{"__typename":"A","id":"1","type":"a.b.c","changed":[]}', 'data.version'],
  ])('is refused when its value is %s', (_, value, field) => {
    const read = () => fromRecord({ headers: record.headers, value: Buffer.from(value as string) });
    expect(read).toThrow(expect.objectContaining({ code: 'EVENT_INVALID', extensions: { field } }));
  });

  it('is refused before it is made', () => {
    const make = () => toRecord({ ...event, tenant: '' });
    expect(make).toThrow(expect.objectContaining({ code: 'EVENT_INVALID', extensions: { field: 'tenant' } }));
  });
});
