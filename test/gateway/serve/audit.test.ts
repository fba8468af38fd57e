import { serverAudits } from 'graphql-http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Demo, startDemo } from './demo-gateway.ts';

let demo: Demo;
beforeAll(async () => {
  demo = await startDemo();
});
afterAll(() => demo.close());

/** A client that says it is no page of another origin, as GET has to. */
const preflighted: typeof fetch = (url, init) =>
  fetch(url, { ...init, headers: { ...(init?.headers as object), 'apollo-require-preflight': '1' } });

const audits = serverAudits({ url: () => demo.graphql, fetchFn: preflighted });

describe(`the ${audits.length} audits of GraphQL over HTTP`, () => {
  it.each(audits.map((audit) => [audit.id, audit.name, audit] as const))('%s %s', async (_id, _name, audit) => {
    expect(await audit.fn()).toEqual({ id: audit.id, name: audit.name, status: 'ok' });
  });

  it('without the header fail only where GET is optional and a page could have sent it', async () => {
    const plain = await Promise.all(serverAudits({ url: () => demo.graphql }).map(({ fn }) => fn()));
    const failed = plain.filter(({ status }) => status !== 'ok');
    expect(new Set(failed.map(({ status }) => status))).toEqual(new Set(['notice']));
    expect(failed.map(({ id }) => id).sort()).toEqual(['5A70', '6A70', 'D6D5']);
  });
});
