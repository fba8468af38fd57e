import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Demo, startDemo } from './demo-gateway.ts';
import { outcomeOf } from './read-answer.ts';

const FILE = new URL('../../../../shared/data/security/json-parsing/cases.json', import.meta.url);
const present = existsSync(FILE);
if (!present)
  console.warn('SKIPPED: the JSON parsing cases are not beside the project (shared/data/security/json-parsing).');

interface Case {
  readonly name: string;
  readonly base64: string;
}

describe.skipIf(!present)('hostile JSON bodies', () => {
  const cases: readonly Case[] = present ? JSON.parse(readFileSync(FILE, 'utf8')) : [];
  let demo: Demo;
  beforeAll(async () => {
    demo = await startDemo();
  });
  afterAll(() => demo.close());

  async function answer(body: Buffer) {
    const headers = { 'content-type': 'application/json' };
    return outcomeOf(await fetch(demo.graphql, { method: 'POST', headers, body }));
  }

  it('are all there', () => expect(cases.length).toBe(318));

  it('are refused as a request, in JSON, each of them', async () => {
    const answers = await Promise.all(
      cases.map(async ({ name, base64 }) => [name, ...(await answer(Buffer.from(base64, 'base64')))]),
    );
    expect(answers.filter(([, status, code]) => status !== 400 || code !== 'BAD_REQUEST')).toEqual([]);
  });

  it('do no harm as variables either', async () => {
    const prefix = Buffer.from('{"query":"{hello}","variables":');
    const statuses = await Promise.all(
      cases.map(async ({ base64 }) => {
        const body = Buffer.concat([prefix, Buffer.from(base64, 'base64'), Buffer.from('}')]);
        const headers = { 'content-type': 'application/json' };
        const response = await fetch(demo.graphql, { method: 'POST', headers, body });
        await response.json();
        return response.status;
      }),
    );
    expect([...new Set(statuses)].sort()).toEqual([200, 400]);
  });
});
