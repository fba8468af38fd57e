import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { toSubgraphResponse } from '../../../gateway/transport/response-body.ts';
import type { ExchangeFacts, SubgraphResponse, SubgraphTransport } from '../../../gateway/transport/transport.ts';
import { requestTo } from './subgraph-server.ts';

/** What a subgraph of the contract is asked. */
export interface Asked {
  readonly text: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** The subgraph `crm` as the contract wants it to behave; a rejection is whatever failing is in its place. */
export type Behaviour = (asked: Asked) => Promise<SubgraphResponse>;

/** Makes a transport with one subgraph, `crm`. */
export type StartTransport = (behave: Behaviour) => Promise<SubgraphTransport>;

const never = () => new Promise<never>(() => {});

/** What every transport promises, whatever is below it. */
export function describeTransport(name: string, start: StartTransport): void {
  async function outcome(transport: SubgraphTransport, request = requestTo()) {
    const facts: ExchangeFacts[] = [];
    const sent = transport.send({ ...request, onExchange: (fact) => facts.push(fact) });
    const result = await sent.catch(({ code, message, extensions }) => ({ code, message, extensions }));
    return { result, facts };
  }

  describe(`${name} as a transport`, () => {
    it('asks what it is given and brings data and errors', async () => {
      const asked: Asked[] = [];
      const response = {
        data: { hello: null },
        errors: [{ message: 'no', path: ['hello'], extensions: { code: 'X' } }],
      };
      const transport = await start(async (given) => {
        asked.push(given);
        return response;
      });
      const text = 'query Q($a: [Int]) { hello(a: $a) }';
      const { result, facts } = await outcome(transport, requestTo({ text, variables: { a: [1] } }));
      expect(result).toEqual(response);
      expect(asked).toMatchObject([{ text, variables: { a: [1] } }]);
      expect(facts).toMatchObject([{ subgraph: 'crm', kind: 'query', attempts: 1, verdicts: [], error: null }]);
    });

    it('brings errors without data', async () => {
      const transport = await start(async () => ({ errors: [{ message: 'bad' }] }));
      expect((await outcome(transport)).result).toEqual({ errors: [{ message: 'bad' }] });
    });

    it('keeps names apart that objects treat specially', async () => {
      const transport = await start(async () => JSON.parse('{"data":{"__proto__":{"x":1},"constructor":2}}'));
      const { data } = (await outcome(transport)).result as { data: object };
      expect(Object.keys(data)).toEqual(['__proto__', 'constructor']);
      expect(({} as { x?: number }).x).toBeUndefined();
    });

    it('says that a subgraph which fails did not answer, and why to nobody', async () => {
      const transport = await start(() => Promise.reject(new Error('hunter2')));
      const { result, facts } = await outcome(transport);
      expect(result).toMatchObject({ code: 'SUBGRAPH_UNAVAILABLE', extensions: { service: 'crm' } });
      expect(JSON.stringify(result)).not.toMatch(/hunter2|127\.0\.0\.1|http/);
      expect(facts).toMatchObject([{ error: 'SUBGRAPH_UNAVAILABLE' }]);
    });

    it('asks for a mutation once, even when that fails', async () => {
      let asked = 0;
      const transport = await start(() => {
        asked += 1;
        return Promise.reject(new Error('no'));
      });
      await outcome(transport, requestTo({ kind: 'mutation', text: 'mutation { go }' }));
      expect(asked).toBe(1);
    });

    it('knows no other subgraph', async () => {
      const transport = await start(never);
      const { result, facts } = await outcome(transport, requestTo({ subgraph: 'constructor' }));
      expect(result).toMatchObject({ code: 'SUBGRAPH_UNAVAILABLE', extensions: { service: 'constructor' } });
      expect(facts).toMatchObject([{ subgraph: 'constructor', attempts: 0, error: 'SUBGRAPH_UNAVAILABLE' }]);
    });

    it('asks nothing for a client that has left, and waits no longer for one that leaves', async () => {
      let asked = 0;
      const client = new AbortController();
      const transport = await start(() => {
        asked += 1;
        setTimeout(() => client.abort(), 5);
        return never();
      });
      const request = requestTo({ signal: client.signal });
      const outcomes = [await outcome(transport, request), await outcome(transport, request)];
      expect(asked).toBe(1);
      expect(outcomes.map(({ result }) => (result as { code: string }).code)).toEqual(
        Array(2).fill('SUBGRAPH_UNAVAILABLE'),
      );
      expect(outcomes.map(({ facts }) => facts.map(({ attempts }) => attempts))).toEqual([[1], [0]]);
    });

    it('leaves no listener on the client’s signal, however calls end', async () => {
      const { signal } = new AbortController();
      const warnings: Error[] = [];
      const note = (warning: Error) => warnings.push(warning);
      process.on('warning', note);
      let index = 0;
      const transport = await start(async () => {
        index += 1;
        if (index % 3 === 0) throw new Error('no');
        return { data: {} };
      });
      await Promise.all(Array.from({ length: 60 }, () => outcome(transport, requestTo({ signal, kind: 'mutation' }))));
      await new Promise((resolve) => setImmediate(resolve));
      process.off('warning', note);
      expect(getEventListeners(signal, 'abort')).toEqual([]);
      expect(warnings).toEqual([]);
    });

    it('brings the same as bytes where it has bytes', async () => {
      const transport = await start(async () => ({ data: { hello: 'Zoë' } }));
      const raw = (await transport.sendRaw?.(requestTo())) ?? null;
      if (raw) expect(toSubgraphResponse(raw.status, raw.bytes, 'crm')).toEqual({ data: { hello: 'Zoë' } });
      expect((await outcome(transport)).result).toEqual({ data: { hello: 'Zoë' } });
    });

    it('closes, and closes again', async () => {
      const transport = await start(async () => ({ data: {} }));
      await outcome(transport);
      await transport.close();
      await expect(transport.close()).resolves.toBeUndefined();
    });
  });
}
