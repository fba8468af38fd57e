import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Demo, startDemo } from './demo-gateway.ts';

let demo: Demo;
beforeAll(async () => {
  demo = await startDemo();
});
afterAll(() => demo.close());

describe('x', () => {
  it('answers', async () => {
    const response = await fetch(demo.graphql, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ hello account(id: "1") { name } }' }),
    });
    expect(await response.json()).toEqual({ data: { hello: 'hello world', account: { name: 'Account 1' } } });
    expect(response.status).toBe(200);
  });
});
