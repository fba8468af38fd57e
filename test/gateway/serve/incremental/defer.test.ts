import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Demo, startDemo } from '../demo-gateway.ts';
import { readBodies } from './parts.ts';

let demo: Demo;
beforeAll(async () => {
  demo = await startDemo();
});
afterAll(() => demo.close());

function ask(query: string, accept: string) {
  const headers = { 'content-type': 'application/json', accept };
  return fetch(demo.graphql, { method: 'POST', headers, body: JSON.stringify({ query }) });
}

const ONE = '{ invoice(id: "in_3") { total account { id ... @defer(label: "Name") { name } } } }';

describe('@defer from the document to the parts, with nothing between replaced', () => {
  it('is answered in the older form', async () => {
    expect(await readBodies(await ask(ONE, 'multipart/mixed;deferSpec=20220824, application/json'))).toEqual([
      { data: { invoice: { total: 3, account: { id: 'a1' } } }, hasNext: true },
      { incremental: [{ data: { name: 'Account a1' }, path: ['invoice', 'account'], label: 'Name' }], hasNext: false },
    ]);
  });

  it('is answered in the current form', async () => {
    const [first, second] = await readBodies(await ask(ONE, 'multipart/mixed;incrementalSpec=v0.2, application/json'));
    const { pending } = first as { pending: { id: string }[] };
    const id = pending[0]?.id;
    expect([first, second]).toEqual([
      {
        data: { invoice: { total: 3, account: { id: 'a1' } } },
        pending: [{ id, path: ['invoice', 'account'], label: 'Name' }],
        hasNext: true,
      },
      { incremental: [{ id, data: { name: 'Account a1' } }], completed: [{ id }], hasNext: false },
    ]);
  });

  it('announces a part within a part when the outer one comes', async () => {
    const query =
      '{ ... @defer(label: "A") { slow(ms: 5) account(id: "7") { id ... @defer(label: "B") { name } } } hello }';
    const bodies = await readBodies(await ask(query, 'multipart/mixed;incrementalSpec=v0.2'));
    const text = JSON.stringify(bodies);
    expect(bodies[0]).toMatchObject({
      data: { hello: 'hello world' },
      pending: [{ path: [], label: 'A' }],
      hasNext: true,
    });
    expect(text.indexOf('"label":"A"')).toBeLessThan(text.indexOf('"label":"B"'));
    expect(bodies.at(-1)).toMatchObject({ hasNext: false });
    expect(text).toContain('"name":"Account 7"');
  });

  it.each(['application/json', '*/*'])('is answered at once for %s', async (accept) => {
    const whole = { data: { invoice: { total: 3, account: { id: 'a1', name: 'Account a1' } } } };
    expect(await (await ask(ONE, accept)).json()).toEqual(whole);
  });

  it('comes over server-sent events too', async () => {
    const text = await (await ask(ONE, 'text/event-stream')).text();
    expect(text.match(/^event: \w+/gm)).toEqual(['event: next', 'event: next', 'event: complete']);
    expect(text).toContain('"incremental":[{"data":{"name":"Account a1"}');
  });
});
