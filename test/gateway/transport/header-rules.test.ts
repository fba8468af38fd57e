import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ClientHeaders } from '../../../gateway/engine.ts';
import { compileHeaderRules, type HeaderRules } from '../../../gateway/transport/header-rules.ts';

/** The header lines a subgraph gets, `fixed` ones first. */
function linesOf(rules: HeaderRules, client?: ClientHeaders, extra?: Record<string, string>) {
  const compiled = compileHeaderRules(rules);
  const { lines, marks } = compiled.of(client, extra);
  return `${compiled.fixed}${lines}${marks}`.split('\r\n').slice(0, -1);
}

const CLIENT: ClientHeaders = {
  'accept-language': 'de',
  authorization: 'Bearer hunter2',
  cookie: 'a=1',
  'x-acme-plan': 'gold',
  'x-acme-site': ['a', 'b'],
  'x-tributary-identity': 'forged',
  'x-request-id': 'forged',
  connection: 'keep-alive, x-acme-hop',
  'x-acme-hop': '1',
  host: 'evil',
};

describe('header rules', () => {
  it('pass nothing on that they do not name', () => {
    expect(linesOf({}, CLIENT)).toEqual([]);
    expect(linesOf({ forward: ['Accept-Language', 'x-absent'] }, CLIENT)).toEqual(['accept-language: de']);
  });

  it('pass on what a pattern matches, but no credentials, nothing of the connection and nothing of ours', () => {
    expect(linesOf({ forward: ['x-acme-*'] }, CLIENT)).toEqual(['x-acme-plan: gold', 'x-acme-site: a, b']);
    expect(linesOf({ forward: ['*'] }, CLIENT)).toEqual([
      'accept-language: de',
      'x-acme-plan: gold',
      'x-acme-site: a, b',
    ]);
    expect(linesOf({ forward: ['*.plan', 'x+*', '(*'] }, CLIENT)).toEqual([]);
  });

  it.each<[string, string, boolean]>([
    ['x-*', 'x-', true],
    ['x-*', 'y-x-', false],
    ['*-id', 'span-id', true],
    ['*-id', 'id', false],
    ['x-*-id', 'x-a-b-id', true],
    ['x-*-id', 'x-id', false],
    ['a*a', 'a', false],
    ['x**y', 'xy', true],
    ['X-*-B-*', 'x-a-b-c', true],
    ['x-*-b-*', 'x-b-c', false],
  ])('match %j against %j: %s', (pattern, name, expected) => {
    expect(linesOf({ forward: [pattern] }, { [name]: '1' }).length > 0).toBe(expected);
  });

  it('pass credentials on where they are named in full', () => {
    expect(linesOf({ forward: ['authorization'], rename: { Cookie: 'x-cookie' } }, CLIENT)).toEqual([
      'authorization: Bearer hunter2',
      'x-cookie: a=1',
    ]);
  });

  it('set what they say, whatever the client sent under that name', () => {
    const rules = { forward: ['*'], set: { 'X-Acme-Plan': 'free', 'user-agent': 'tributary' } };
    expect(linesOf(rules, { 'x-acme-plan': 'gold', 'user-agent': 'curl' }, { 'X-Acme-Plan': 'extra' })).toEqual([
      'x-acme-plan: free',
      'user-agent: tributary',
    ]);
  });

  it('put what the gateway adds before what the client sent, and let neither set what is reserved', () => {
    const extra = {
      traceparent: '00-ours',
      'x-acme-plan': 'silver',
      'x-tributary-identity': 'forged',
      host: 'evil',
      'a b': 'c',
    };
    const rules = { forward: ['traceparent', 'x-acme-*'] };
    expect(linesOf(rules, { traceparent: '00-theirs', 'x-acme-plan': 'gold' }, extra)).toEqual([
      'x-acme-plan: silver',
      'traceparent: 00-ours',
    ]);
  });

  it('tell traces apart from what an answer may depend on', () => {
    const rules = compileHeaderRules({ forward: ['traceparent', 'tracestate', 'baggage'] });
    expect(rules.of({ traceparent: '00-1', tracestate: 'a=1', baggage: 'b=1' }, undefined)).toEqual({
      lines: 'baggage: b=1\r\n',
      marks: 'traceparent: 00-1\r\ntracestate: a=1\r\n',
    });
  });

  it.each(['a\r\nx-evil: 1', 'a\nb', 'a\0b', 'a\x7fb', 'Zoë 😀', 'ř'])('drop the value %j', (value) => {
    expect(
      linesOf({ forward: ['accept-language', 'x-*'] }, { 'accept-language': value, 'x-a': value }, { 'x-b': value }),
    ).toEqual([]);
  });

  it.each(['x_tributary_identity', 'x-tributary_identity', 'content_length', 'transfer_encoding'])(
    'let no pattern pass %s, which some services take for the name with dashes',
    (name) => {
      expect(linesOf({ forward: ['*', 'x*', 'c*', 't*'] }, { [name]: 'forged', x_other: '1' })).toEqual(['x_other: 1']);
    },
  );

  it('read no header from an object’s prototype', () => {
    expect(linesOf({ forward: ['constructor', '__proto__', 'tostring'] }, {})).toEqual([]);
  });

  it('let nothing through that breaks out of its line', () => {
    const text = fc.string({ unit: fc.constantFrom('\r', '\n', '\0', ':', ' ', 'a', 'é', '€') });
    fc.assert(
      fc.property(fc.dictionary(text, text), fc.dictionary(text, text), (client, extra) => {
        for (const line of linesOf({ forward: ['*', 'aa', 'a'] }, client, extra))
          expect(line).toMatch(/^[a-z0-9-]+: [\t\x20-\x7e\x80-\xff]*$/);
      }),
    );
  });

  it.each<[HeaderRules, string]>([
    [{ forward: ['host'] }, 'forward'],
    [{ forward: ['a b'] }, 'forward'],
    [{ forward: ['X-Tributary-Identity'] }, 'forward'],
    [{ forward: ['transfer-encoding'] }, 'forward'],
    [{ rename: { 'x-a': 'Content-Length' } }, 'rename'],
    [{ rename: { 'x-a': 'x-tributary-identity' } }, 'rename'],
    [{ rename: { connection: 'x-a' } }, 'rename'],
    [{ set: { 'content-type': 'text/plain' } }, 'set'],
    [{ set: { 'x-a': 'a\r\nx-b: 1' } }, 'set'],
    [{ set: { 'x-a': '€' } }, 'set'],
  ])('%j are refused', (rules, setting) => {
    const expected = { code: 'CONFIG_INVALID', extensions: { setting: `headers.${setting}` } };
    expect(() => compileHeaderRules(rules)).toThrow(expect.objectContaining(expected));
  });
});
