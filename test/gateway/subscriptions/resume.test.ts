import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EmbeddedBus, openEmbeddedBus } from '../../../events/embedded.ts';
import { createFrozenClock } from '../../../lib/clock.ts';
import { openTestBus } from '../../support/test-bus.ts';
import { DEMO_TOPICS, type Demo, invoiceRecord, PEOPLE, startDemo } from '../serve/demo-gateway.ts';
import { outcomeOf } from '../serve/read-answer.ts';
import { openStream, type TestStream } from './event-stream.ts';

const ALL = 'subscription { invoiceChanged { id } }';

async function take(stream: TestStream, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const data = (await stream.data())?.data as { invoiceChanged: { id: string } };
    ids.push(data.invoiceChanged.id);
  }
  return ids;
}
const numbered = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => `in_${from + index}`);

describe('resuming', () => {
  let bus: EmbeddedBus;
  let demo: Demo;
  beforeAll(async () => {
    bus = await openTestBus(DEMO_TOPICS);
    demo = await startDemo({ bus, people: PEOPLE });
    await (await openStream(demo, { query: ALL })).close();
  });
  afterAll(async () => {
    await demo.close();
    await bus.close();
  });
  const publish = (ids: readonly string[]) =>
    bus.publish(
      'demo.invoice',
      ids.map((id) => invoiceRecord(id)),
    );

  it('goes on after the last message, whatever was published meanwhile', async () => {
    const first = await openStream(demo, { query: ALL });
    await publish(numbered(0, 10));
    const before = await take(first, 4);
    const cursor = first.lastEventId();
    await first.close();
    await publish(numbered(10, 20));
    const second = await openStream(demo, { query: ALL, lastEventId: cursor });
    await publish(numbered(20, 30));
    expect([...before, ...(await take(second, 26))].sort()).toEqual(numbered(0, 30).sort());
    await second.close();
  });

  it('goes on for a client that was cut off before any event', async () => {
    const first = await openStream(demo, { query: ALL });
    const cursor = first.lastEventId();
    await first.close();
    await publish(['in_100']);
    const second = await openStream(demo, { query: ALL, lastEventId: cursor });
    expect(await take(second, 1)).toEqual(['in_100']);
    await second.close();
  });

  it('takes the cursor from extensions as well, and Last-Event-ID before it', async () => {
    const first = await openStream(demo, { query: ALL });
    const start = first.lastEventId();
    await publish(['in_200', 'in_201']);
    const [one] = await take(first, 1);
    const cursor = first.lastEventId();
    await first.close();
    const byExtension = await openStream(demo, { query: ALL, extensions: { cursor } });
    const byBoth = await openStream(demo, { query: ALL, extensions: { cursor }, lastEventId: start });
    expect(await take(byExtension, 1)).toEqual(['in_200', 'in_201'].filter((id) => id !== one));
    expect((await take(byBoth, 2)).sort()).toEqual(['in_200', 'in_201']);
    await Promise.all([byExtension.close(), byBoth.close()]);
  });

  it('meets the live events without gap or repeat, however busy the topic is', async () => {
    const start = await openStream(demo, { query: ALL });
    const cursor = start.lastEventId();
    await start.close();
    await publish(numbered(1_000, 1_300));
    let published = 1_300;
    let busy = true;
    const writer = (async () => {
      while (busy && published < 2_500) {
        await publish(numbered(published, published + 5));
        published += 5;
      }
    })();
    const streams = await Promise.all(
      Array.from({ length: 5 }, () => openStream(demo, { query: ALL, lastEventId: cursor })),
    );
    await new Promise((resolve) => setTimeout(resolve, 300));
    busy = false;
    await writer;
    const expected = numbered(1_000, published).sort();
    for (const stream of streams) expect((await take(stream, published - 1_000)).sort()).toEqual(expected);
    await publish(['in_last']);
    expect(await Promise.all(streams.map((stream) => take(stream, 1)))).toEqual(streams.map(() => ['in_last']));
    await Promise.all(streams.map((stream) => stream.close()));
  });

  it('refuses a cursor of another tenant, another subscription, or nobody', async () => {
    const stream = await openStream(demo, { query: ALL });
    const cursor = stream.lastEventId() ?? '';
    await stream.close();
    const refused = async (request: Parameters<typeof openStream>[1]) =>
      outcomeOf((await openStream(demo, request)).response);
    const invalid = [400, 'CURSOR_INVALID'];
    expect(await refused({ query: ALL, token: 'eve', lastEventId: cursor })).toEqual(invalid);
    expect(await refused({ query: 'subscription { streamed(noun: "other") { id } }', lastEventId: cursor })).toEqual(
      invalid,
    );
    expect(await refused({ query: ALL, lastEventId: `${cursor.slice(0, -2)}xx` })).toEqual(invalid);
    expect(await refused({ query: ALL, lastEventId: 'hello' })).toEqual(invalid);
    expect(await refused({ query: ALL, extensions: { cursor: 7 } })).toEqual(invalid);
  });
});

describe('resuming elsewhere and later', () => {
  it('loses nothing over a restart of bus and gateway', async () => {
    const path = await mkdtemp(join(tmpdir(), 'tributary-resume-'));
    let bus = await openEmbeddedBus({ path });
    await bus.ensureTopics(DEMO_TOPICS);
    let demo = await startDemo({ bus, people: PEOPLE });
    const first = await openStream(demo, { query: ALL });
    await bus.publish(
      'demo.invoice',
      numbered(0, 6).map((id) => invoiceRecord(id)),
    );
    const before = await take(first, 3);
    const cursor = first.lastEventId();
    await demo.close();
    await bus.close();
    bus = await openEmbeddedBus({ path });
    await bus.publish(
      'demo.invoice',
      numbered(6, 9).map((id) => invoiceRecord(id)),
    );
    demo = await startDemo({ bus, people: PEOPLE });
    const second = await openStream(demo, { query: ALL, lastEventId: cursor });
    expect([...before, ...(await take(second, 6))].sort()).toEqual(numbered(0, 9));
    await demo.close();
    await bus.close();
    await rm(path, { recursive: true, force: true });
  });

  it('is refused with 410 once the log no longer holds what follows', async () => {
    const clock = createFrozenClock(Date.parse('2026-01-01T00:00:00Z'));
    const bus = await openTestBus(DEMO_TOPICS, { clock, elapsed: () => clock.now(), trimEveryMs: 3_600_000 });
    const demo = await startDemo({ bus, people: PEOPLE });
    const stream = await openStream(demo, { query: ALL });
    const cursor = stream.lastEventId();
    await bus.publish(
      'demo.invoice',
      numbered(0, 20).map((id) => invoiceRecord(id)),
    );
    await take(stream, 20);
    clock.advance(48 * 3_600_000);
    expect(await bus.trim()).toBeGreaterThan(0);
    const { response } = await openStream(demo, { query: ALL, lastEventId: cursor });
    expect(await outcomeOf(response)).toEqual([410, 'CURSOR_EXPIRED']);
    await demo.close();
    await bus.close();
  });
});
