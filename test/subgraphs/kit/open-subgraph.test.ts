import { parse } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Identity } from '../../../lib/identity.ts';
import type { Logger } from '../../../lib/logger.ts';
import type { Runtime } from '../../../subgraphs/kit/service.ts';
import type { Subgraph } from '../../../subgraphs/kit/subgraph.ts';
import { identityOf } from './identity.ts';
import { openThings, type Things } from './open-things.ts';

/** A logger that keeps what it is told. */
function createRecorder(lines: object[]): Logger {
  const record = (facts: object) => void lines.push(facts);
  const logger: Logger = { debug: record, info: record, warn: record, error: record, child: () => logger };
  return logger;
}

const lines: Record<string, unknown>[] = [];
let things: Things;
let subgraph: Subgraph;
beforeAll(async () => {
  things = await openThings({ logger: createRecorder(lines) });
  subgraph = things.subgraph;
});
afterAll(() => things.close());

function ask(source: string, variables = {}, identity: Identity | null = identityOf()) {
  return subgraph.execute({
    operation: { kind: 'query', text: source, document: parse(source) },
    variables,
    identity,
    requestId: 'request-9',
    signal: new AbortController().signal,
  });
}
const errorOf = async (source: string, variables = {}) => {
  lines.length = 0;
  const [first] = (await ask(source, variables)).errors ?? [];
  return { message: first?.message, path: first?.path, extensions: first?.extensions };
};

describe('an opened subgraph', () => {
  it('answers with its federation fields', async () => {
    const { data } = await ask('{ _service { sdl } thing { name } }');
    expect(JSON.parse(JSON.stringify(data))).toMatchObject({
      _service: { sdl: expect.stringContaining('type Thing') },
      thing: { name: 'a thing' },
    });
    expect([subgraph.name, subgraph.sdl.includes('type Thing'), subgraph.nodes]).toEqual([
      'things',
      true,
      { thi: 'Thing' },
    ]);
  });

  it('shows an expected error with its code and facts', async () => {
    expect(await errorOf('{ thing { fails(how: EXPECTED) } }')).toEqual({
      message: 'There is none.',
      path: ['thing', 'fails'],
      extensions: { code: 'NOT_FOUND', shelf: 3 },
    });
    expect(lines).toEqual([]);
  });

  it.each(['UNEXPECTED', 'THROWN_TEXT', 'INTERNAL', 'BAD_RESULT', 'MISSING_RESULT'])(
    'masks %s and logs it with the request id',
    async (how) => {
      const field =
        how === 'BAD_RESULT' ? 'badResult' : how === 'MISSING_RESULT' ? 'missingResult' : `fails(how: ${how})`;
      const { message, extensions } = await errorOf(`{ thing { ${field} } }`);
      expect({ message, extensions }).toEqual({
        message: 'Something failed inside.',
        extensions: { code: 'INTERNAL' },
      });
      expect(lines).toEqual([expect.objectContaining({ requestId: 'request-9' })]);
    },
  );

  it.each([
    ['a variable of the wrong type', 'query ($at: DateTime) { at(moment: $at) }', { at: 'noon' }],
    ['a variable that is missing', 'query ($at: DateTime!) { at(moment: $at) }', {}],
    ['a literal of the wrong type', '{ at(moment: "noon") }', {}],
    ['an enum value that is none', 'query ($how: ThingFailure!) { thing { fails(how: $how) } }', { how: 'LOUD' }],
  ])('answers BAD_USER_INPUT to %s', async (_what, source, variables) => {
    expect((await errorOf(source, variables)).extensions).toEqual({ code: 'BAD_USER_INPUT' });
    expect(lines).toEqual([]);
  });

  it('says what a literal of a scalar must be, as of a variable', async () => {
    const expected = expect.stringContaining('DateTime must be a moment as in RFC 3339');
    expect((await errorOf('{ at(moment: "noon") }')).message).toEqual(expected);
    expect((await errorOf('query ($at: DateTime) { at(moment: $at) }', { at: 'noon' })).message).toEqual(expected);
  });

  it('makes loaders afresh for each operation', async () => {
    const ages = async () => Object.values((await ask('{ a: loaderAge b: loaderAge }')).data ?? {}).sort();
    expect([await ages(), await ages()]).toEqual([
      [1, 2],
      [1, 2],
    ]);
  });

  it('refuses whoever has no identity', async () => {
    expect(await ask('{ _service { sdl } }', {}, null)).toEqual({
      data: null,
      errors: [{ message: expect.any(String), extensions: { code: 'UNAUTHENTICATED' } }],
    });
  });

  it('starts its sync once and stops it on close', async () => {
    expect(things.life).toEqual([]);
    await Promise.all([subgraph.start(), subgraph.start()]);
    expect(things.life).toEqual(['started']);
    await subgraph.close();
    await subgraph.close();
    expect(things.life).toEqual(['started', 'stopped']);
  });

  it('refuses to open on a schema that cannot be guarded or built', async () => {
    const runtime: Runtime = things.runtime;
    await expect(openThings({ runtime, schema: 'type Query { a: Missing }' })).rejects.toThrow(/Missing/);
  });
});
