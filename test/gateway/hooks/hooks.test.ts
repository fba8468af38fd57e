import { parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { createHooks } from '../../../gateway/hooks/create-hooks.ts';
import type { GatewayHooks } from '../../../gateway/hooks/hooks.ts';
import type { SubgraphRequest } from '../../../gateway/transport/transport.ts';
import { AppError } from '../../../lib/errors.ts';
import { silentLogger } from '../../../lib/logger.ts';
import { createHookedEngine, createTwoSubgraphs } from './hooked-engine.ts';

const QUERY = 'query Home { account { name balance } }';
const DATA = { account: { name: 'Acme', balance: 7 } };

/** Writes down each stage it is called at. */
function tracing(name: string, calls: string[]): GatewayHooks {
  return {
    name,
    onRequest: () => void calls.push(`${name} request`),
    onPlan: ({ operation }) => void calls.push(`${name} plan ${operation.name}`),
    onFetch: ({ subgraph }) => {
      calls.push(`${name} fetch ${subgraph}`);
      return { onResult: () => void calls.push(`${name} result ${subgraph}`) };
    },
    onResponse: () => void calls.push(`${name} response`),
  };
}

/** A hook whose `stage` throws. */
function failing(stage: string, error: unknown): GatewayHooks {
  const fail = () => {
    throw error;
  };
  if (stage === 'onResult') return { name: 'broken', onFetch: () => ({ onResult: fail }) };
  return { name: 'broken', [stage]: fail };
}

describe('hooks', () => {
  it('run in order on the way in, in reverse on the way out', async () => {
    const calls: string[] = [];
    await using hooked = await createHookedEngine([tracing('a', calls), tracing('b', calls)]);
    expect(await hooked.ask(QUERY)).toMatchObject({ data: DATA });
    expect(calls).toEqual([
      ...['a request', 'b request', 'a plan Home', 'b plan Home'],
      ...['a fetch crm', 'b fetch crm', 'b result crm', 'a result crm'],
      ...['a fetch billing', 'b fetch billing', 'b result billing', 'a result billing'],
      ...['b response', 'a response'],
    ]);
  });

  it('of several share what they remember of an operation, and nothing with the next one', async () => {
    const seen: unknown[] = [];
    const hooks: GatewayHooks[] = [
      { name: 'in', onRequest: ({ context }) => void context.state.set('n', Number(context.state.get('n') ?? 0) + 1) },
      { name: 'out', onFetch: ({ context }) => void seen.push(context.state.get('n')) },
    ];
    await using hooked = await createHookedEngine(hooks);
    await hooked.ask(QUERY);
    await hooked.ask(QUERY);
    expect(seen).toEqual([1, 1, 1, 1]);
  });

  it('cost nothing where there are none: engine and transport stay what they are', async () => {
    const { transport } = createTwoSubgraphs();
    expect(createHooks([], silentLogger).transport(transport)).toBe(transport);
    expect(createHooks([{ name: 'no fetch', onPlan: () => undefined }], silentLogger).transport(transport)).toBe(
      transport,
    );
  });
});

describe('a request hook', () => {
  it('puts another document and other variables in place', async () => {
    const onRequest = () => ({
      query: 'query Other($is: Boolean!) { account { name @include(if: $is) id } }',
      variables: { is: false },
    });
    await using hooked = await createHookedEngine([{ name: 'swap', onRequest }]);
    expect(await hooked.ask(QUERY)).toMatchObject({ data: { account: { id: 'a1' } } });
  });

  it('refuses before the document is parsed', async () => {
    const onRequest = () => {
      throw new AppError('FORBIDDEN', 'No.');
    };
    await using hooked = await createHookedEngine([{ name: 'no', onRequest }]);
    await expect(hooked.ask('not GraphQL')).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });
});

describe('a fetch hook', () => {
  it('changes headers and variables of what is sent', async () => {
    const sent: SubgraphRequest[] = [];
    const graph = createTwoSubgraphs();
    graph.intercept((request) => void sent.push(request));
    const hooks: GatewayHooks[] = [
      { name: 'first', onFetch: () => ({ headers: { 'x-a': '1', 'x-b': '1' } }) },
      { name: 'second', onFetch: ({ headers }) => ({ headers: { 'x-b': `${headers['x-b']}2` } }) },
      {
        name: 'third',
        onFetch: ({ subgraph, variables }) =>
          subgraph === 'billing'
            ? { variables: { ...variables, representations: [{ __typename: 'Account', id: 'a9' }] } }
            : undefined,
      },
    ];
    await using hooked = await createHookedEngine(hooks, { graph });
    expect(await hooked.ask(QUERY)).toMatchObject({ data: DATA });
    expect(sent.map(({ headers }) => headers)).toEqual([
      { 'x-a': '1', 'x-b': '12' },
      { 'x-a': '1', 'x-b': '12' },
    ]);
    expect(sent[1]?.variables).toEqual({ representations: [{ __typename: 'Account', id: 'a9' }] });
  });

  it('answers instead of the subgraph, which is not asked', async () => {
    const asked: string[] = [];
    const hooks: GatewayHooks[] = [
      {
        name: 'canned',
        onFetch: ({ subgraph }) =>
          subgraph === 'billing' ? { response: { data: { _entities: [{ balance: 1 }] } } } : undefined,
      },
      { name: 'later', onFetch: ({ subgraph }) => void asked.push(subgraph) },
    ];
    await using hooked = await createHookedEngine(hooks);
    expect(await hooked.ask(QUERY)).toMatchObject({ data: { account: { name: 'Acme', balance: 1 } } });
    expect([asked, hooked.graph.calls.map(({ subgraph }) => subgraph)]).toEqual([['crm'], ['crm']]);
    expect(hooked.exchanges.at(-1)).toMatchObject({
      subgraph: 'billing',
      attempts: 0,
      verdicts: ['answered-by-hook:canned'],
    });
  });

  it('sees and replaces responses when it declares that it reads them', async () => {
    const seen: unknown[] = [];
    const onFetch: GatewayHooks['onFetch'] = ({ subgraph }) => ({
      onResult({ response, error }) {
        seen.push([subgraph, response, error]);
        return subgraph === 'crm'
          ? { data: { account: { __typename: 'Account', id: 'a1', name: 'Masked' } } }
          : undefined;
      },
    });
    await using hooked = await createHookedEngine([{ name: 'mask', readsData: true, onFetch }]);
    expect(await hooked.ask(QUERY)).toMatchObject({ data: { account: { name: 'Masked', balance: 7 } } });
    expect(seen).toMatchObject([
      ['crm', { data: { account: { name: 'Acme' } } }, null],
      ['billing', {}, null],
    ]);
  });

  it('is shown no response without that, and bytes go on as they came', async () => {
    const graph = createTwoSubgraphs();
    const asked: string[] = [];
    const sendRaw = async (request: SubgraphRequest) => {
      asked.push(request.subgraph);
      return { status: 200, bytes: Buffer.from(JSON.stringify(await graph.transport.send(request))) };
    };
    const transport = { ...graph.transport, sendRaw };
    const seen: unknown[] = [];
    const onFetch: GatewayHooks['onFetch'] = () => ({ onResult: ({ response }) => void seen.push(response) });
    const blind = createHooks([{ name: 'blind', onFetch }], silentLogger).transport(transport);
    const request = {
      subgraph: 'crm',
      operation: { kind: 'query', text: '{ account { id } }' },
      variables: {},
      requestId: 'r',
    };
    const whole = { ...request, operation: { ...request.operation, document: parse(request.operation.text) } };
    const raw = await blind.sendRaw?.({
      ...whole,
      identity: null,
      signal: new AbortController().signal,
    } as SubgraphRequest);
    expect([JSON.parse(String(raw?.bytes)), seen]).toEqual([{ data: { account: { id: 'a1' } } }, [null]]);
    const reading = createHooks([{ name: 'reading', readsData: true, onFetch }], silentLogger).transport(transport);
    expect(reading.sendRaw).toBeUndefined();
  });
});

describe('a response hook', () => {
  it('adds extensions and headers and replaces errors', async () => {
    const graph = createTwoSubgraphs();
    graph.intercept(({ subgraph }) => {
      if (subgraph === 'billing') throw new AppError('SUBGRAPH_TIMEOUT', 'late');
      return undefined;
    });
    const hooks: GatewayHooks[] = [
      {
        name: 'outer',
        onResponse: ({ result }) => ({
          extensions: { codes: result.errors?.map(({ extensions }) => extensions['code']) },
        }),
      },
      {
        name: 'inner',
        onResponse: () => ({
          errors: [{ message: 'Billing rests.', extensions: { code: 'OVERLOADED' } }],
          headers: { 'retry-after': '5' },
          extensions: { inner: true },
        }),
      },
    ];
    await using hooked = await createHookedEngine(hooks, { graph });
    expect(await hooked.ask(QUERY)).toEqual({
      data: { account: { name: 'Acme', balance: null } },
      errors: [{ message: 'Billing rests.', extensions: { code: 'OVERLOADED' } }],
      extensions: { inner: true, codes: ['OVERLOADED'] },
      headers: { 'retry-after': '5' },
    });
  });

  it('is told of a refusal and can say it differently', async () => {
    const seen: unknown[] = [];
    const onResponse: GatewayHooks['onResponse'] = ({ refused, operation, result, request }) => {
      seen.push([refused, operation, result.errors?.[0]?.extensions['code'], request.query]);
      return { errors: [{ message: 'Ask the office.', extensions: { code: 'BAD_USER_INPUT' } }] };
    };
    await using hooked = await createHookedEngine([{ name: 'kind', onResponse }]);
    await expect(hooked.ask('{ nothing }')).rejects.toMatchObject({
      status: 400,
      errors: [{ message: 'Ask the office.', extensions: { code: 'BAD_USER_INPUT' } }],
    });
    expect(seen).toEqual([[true, null, 'GRAPHQL_VALIDATION_FAILED', '{ nothing }']]);
  });

  it('is called for each event of a subscription', async () => {
    await using hooked = await createHookedEngine([
      { name: 'stamp', onResponse: ({ operation }) => ({ extensions: { of: operation?.kind } }) },
    ]);
    const identity = null;
    const context = { identity, requestId: 'r', signal: new AbortController().signal };
    const operation = await hooked.engine.prepare({ query: '{ account { id } }' }, identity, context);
    const result = await hooked.engine.executeEvent(operation, { __typename: 'Account', id: 'a1' }, context);
    expect(result.extensions).toEqual({ of: 'query' });
  });
});

describe('a hook that fails', () => {
  const refusals = ['onRequest', 'onPlan'];
  it.each(refusals)('%s refuses the operation, coded, and the log names it', async (stage) => {
    await using hooked = await createHookedEngine([failing(stage, new TypeError('secret'))]);
    await expect(hooked.ask(QUERY)).rejects.toMatchObject({ code: 'INTERNAL', message: 'Something failed inside.' });
    expect(hooked.logged).toMatchObject([{ facts: { hook: 'broken', stage, requestId: 'r1' } }]);
    expect(hooked.graph.calls).toEqual([]);
  });

  it.each(['onFetch', 'onResult'])('%s fails its fetch alone, at its paths', async (stage) => {
    const broken = failing(stage, new TypeError('secret'));
    const onFetch: GatewayHooks['onFetch'] = (event) =>
      event.subgraph === 'billing' ? broken.onFetch?.(event) : undefined;
    await using hooked = await createHookedEngine([{ name: 'broken', onFetch }]);
    expect(await hooked.ask(QUERY)).toMatchObject({
      data: { account: { name: 'Acme', balance: null } },
      errors: [{ path: ['account', 'balance'], extensions: { code: 'INTERNAL' } }],
    });
    expect(hooked.logged).toMatchObject([{ facts: { hook: 'broken', stage } }]);
  });

  it('onResponse takes the data along', async () => {
    await using hooked = await createHookedEngine([failing('onResponse', new TypeError('secret'))]);
    const answer = await hooked.ask(QUERY);
    expect(answer).toEqual({
      errors: [{ message: 'Something failed inside.', extensions: { code: 'INTERNAL' } }],
      headers: {},
    });
  });

  it.each(['onRequest', 'onPlan', 'onFetch', 'onResponse'])(
    '%s may fail with a code of its own, unlogged',
    async (stage) => {
      await using hooked = await createHookedEngine([failing(stage, new AppError('OVERLOADED', 'Later.'))]);
      const codes = await hooked.ask(QUERY).then(
        ({ errors }) => errors?.map(({ extensions }) => extensions['code']),
        (error: AppError) => [error.code],
      );
      expect([codes, hooked.logged]).toEqual([['OVERLOADED'], []]);
    },
  );

  it('serves the next operation', async () => {
    let first = true;
    const onPlan = () => {
      if (!first) return;
      first = false;
      throw new TypeError('once');
    };
    await using hooked = await createHookedEngine([{ name: 'once', onPlan }]);
    await expect(hooked.ask(QUERY)).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(await hooked.ask(QUERY)).toMatchObject({ data: DATA });
  });
});
