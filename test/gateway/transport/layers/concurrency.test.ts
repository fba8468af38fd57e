import { describe, expect, it } from 'vitest';
import type { Call, Reply } from '../../../../gateway/transport/call.ts';
import { limitConcurrency } from '../../../../gateway/transport/layers/concurrency.ts';
import { limitTry } from '../../../../gateway/transport/layers/try-timeout.ts';
import { callOf, deferred, replyOf, settled } from './calls.ts';

function start(limit: number, queue: number) {
  const running: { call: Call; reply: ReturnType<typeof deferred<Reply>> }[] = [];
  const exchange = limitConcurrency({ limit, queue })((call) => {
    const reply = deferred<Reply>();
    running.push({ call, reply });
    return reply.promise;
  });
  const send = (call = callOf()) => ({ call, outcome: exchange(call).catch((error) => error) });
  return { running, send };
}

describe('a concurrency limit', () => {
  it('lets the next one in as one ends, in the order they came, whatever became of it', async () => {
    const { running, send } = start(2, 10);
    const sent = Array.from({ length: 5 }, () => send());
    await settled();
    expect(running.length).toBe(2);
    running[1]?.reply.reject(new Error('gone'));
    running[0]?.reply.resolve(replyOf());
    await settled();
    expect(running.map(({ call }) => call)).toEqual(sent.slice(0, 4).map(({ call }) => call));
    expect(sent.map(({ call }) => call.notes.verdicts)).toEqual([[], [], ['queued'], ['queued'], ['queued']]);
    for (let index = 2; index < 5; index += 1) {
      running[index]?.reply.resolve(replyOf());
      await settled();
    }
    const again = send();
    await settled();
    expect(running.length).toBe(6);
    running[5]?.reply.resolve(replyOf());
    expect(await again.outcome).toMatchObject({ status: 200 });
  });

  it('refuses what finds no room in the queue', async () => {
    const { send } = start(1, 1);
    const sent = [send(), send(), send()];
    expect(await sent[2]?.outcome).toMatchObject({
      code: 'SUBGRAPH_UNAVAILABLE',
      extensions: { service: 'crm', verdict: 'queue-full' },
    });
    expect(sent[2]?.call.notes).toMatchObject({ attempts: 0, verdicts: ['queue-full'] });
  });

  it('lets those go that wait too long or whose client left, and keeps their place for others', async () => {
    const { running, send } = start(1, 2);
    const client = new AbortController();
    send();
    const left = send(callOf({ signal: client.signal }));
    const late = send(callOf({ timeoutMs: 20 }));
    client.abort();
    expect(await left.outcome).toMatchObject({ fault: 'left' });
    expect(await late.outcome).toMatchObject({ code: 'SUBGRAPH_TIMEOUT' });
    const next = send();
    running[0]?.reply.resolve(replyOf());
    await settled();
    expect(running.map(({ call }) => call)).toContain(next.call);
    expect(running.length).toBe(2);
  });
});

describe('the time of a try', () => {
  it('ends the try and not the call', async () => {
    const call = callOf();
    let inner: Call | undefined;
    const exchange = limitTry(20)((given) => {
      inner = given;
      return new Promise((_, reject) => given.lifetime.watch(reject));
    });
    await expect(exchange(call)).rejects.toMatchObject({ code: 'SUBGRAPH_TIMEOUT', fault: 'late' });
    expect([call.lifetime.error, inner?.lifetime.error?.code, call.notes.verdicts]).toEqual([
      null,
      'SUBGRAPH_TIMEOUT',
      ['try-timed-out'],
    ]);
  });

  it('ends with the call', async () => {
    const client = new AbortController();
    const call = callOf({ signal: client.signal });
    const exchange = limitTry(5_000)((given) => new Promise((_, reject) => given.lifetime.watch(reject)));
    const sent = exchange(call);
    client.abort();
    await expect(sent).rejects.toMatchObject({ fault: 'left' });
    expect(call.notes.verdicts).toEqual([]);
  });
});
