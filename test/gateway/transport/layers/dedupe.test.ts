import { describe, expect, it } from 'vitest';
import type { Call, Reply } from '../../../../gateway/transport/call.ts';
import { unavailable } from '../../../../gateway/transport/failures.ts';
import { shareQueries } from '../../../../gateway/transport/layers/dedupe.ts';
import { ADA } from '../subgraph-server.ts';
import { callOf, deferred, replyOf, settled } from './calls.ts';

function start() {
  const running: { call: Call; reply: ReturnType<typeof deferred<Reply>> }[] = [];
  const exchange = shareQueries()((call) => {
    const reply = deferred<Reply>();
    call.lifetime.watch(reply.reject);
    call.notes.attempts += 1;
    running.push({ call, reply });
    return reply.promise;
  });
  const send = (call = callOf()) => ({ call, outcome: exchange(call).catch((error) => error) });
  return { running, send };
}

describe('equal queries under way', () => {
  it('share one exchange and its bytes', async () => {
    const { running, send } = start();
    const [first, second] = [send(), send()];
    running[0]?.reply.resolve(replyOf());
    const [one, other] = [await first.outcome, await second.outcome];
    expect(running.length).toBe(1);
    expect(one.bytes).toBe(other.bytes);
    expect([first.call.notes, second.call.notes]).toMatchObject([
      { attempts: 1, status: 200, verdicts: [] },
      { attempts: 0, status: 200, verdicts: ['deduplicated'] },
    ]);
  });

  it('fail together, and are asked anew afterwards', async () => {
    const { running, send } = start();
    const sent = [send(), send()];
    running[0]?.reply.reject(unavailable('crm'));
    for (const { outcome } of sent) expect(await outcome).toMatchObject({ code: 'SUBGRAPH_UNAVAILABLE' });
    send();
    expect(running.length).toBe(2);
  });

  it.each<[string, Call]>([
    ['another body', callOf({ body: '{"a":1}' })],
    ['another header', callOf({ lines: 'accept-language: de\r\n' })],
    ['another subject', callOf({ identity: { ...ADA, subject: 'bob' } })],
    ['another tenant', callOf({ identity: { ...ADA, tenant: 'globex' } })],
    ['other scopes', callOf({ identity: { ...ADA, scopes: ['sales:read'] } })],
    ['other roles', callOf({ identity: { ...ADA, roles: ['admin'] } })],
    ['nobody', callOf({ identity: null })],
    ['a mutation', callOf({ kind: 'mutation' })],
  ])('do not share with %s', (_, call) => {
    const { running, send } = start();
    send();
    send(call);
    expect(running.length).toBe(2);
  });

  it('are mutations never', () => {
    const { running, send } = start();
    send(callOf({ kind: 'mutation' }));
    send(callOf({ kind: 'mutation' }));
    expect(running.length).toBe(2);
  });

  it('share across tokens of one caller, whatever the order of the scopes', () => {
    const { running, send } = start();
    send(callOf({ identity: { ...ADA, scopes: ['a', 'b'], tokenId: '1' } }));
    send(callOf({ identity: { ...ADA, scopes: ['b', 'a'], tokenId: '2' } }));
    expect(running.length).toBe(1);
  });

  it('go on when one client leaves, the one that came first too', async () => {
    const { running, send } = start();
    const client = new AbortController();
    const first = send(callOf({ signal: client.signal }));
    const second = send();
    client.abort();
    expect(await first.outcome).toMatchObject({ fault: 'left' });
    expect(running[0]?.call.lifetime.error).toBeNull();
    running[0]?.reply.resolve(replyOf());
    expect(await second.outcome).toMatchObject({ status: 200 });
  });

  it('end when the last client leaves, and those that come later are asked anew', async () => {
    const { running, send } = start();
    const clients = [new AbortController(), new AbortController()];
    const sent = clients.map(({ signal }) => send(callOf({ signal })));
    for (const client of clients) client.abort();
    for (const { outcome } of sent) expect(await outcome).toMatchObject({ fault: 'left' });
    expect(running[0]?.call.lifetime.error).toMatchObject({ fault: 'left' });
    send();
    expect(running.length).toBe(2);
  });

  it('have each their own time', async () => {
    const { running, send } = start();
    const first = send(callOf({ timeoutMs: 30 }));
    const second = send(callOf({ timeoutMs: 5_000 }));
    expect(await first.outcome).toMatchObject({ code: 'SUBGRAPH_TIMEOUT' });
    running[0]?.reply.resolve(replyOf());
    await settled();
    expect(await second.outcome).toMatchObject({ status: 200 });
  });
});
