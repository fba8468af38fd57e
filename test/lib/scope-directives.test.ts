import { parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { bothOf, readScopePolicy } from '../../lib/scope-directives.ts';

const read = (sdl: string) => Object.fromEntries(readScopePolicy(parse(sdl)));
const link = (rest: string) => `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9"${rest})\n`;

describe('readScopePolicy', () => {
  it('reads fields and types by coordinate', () => {
    const sdl = `${link(', import: ["@requiresScopes", "@authenticated"]')}
      type Query { a: Int @requiresScopes(scopes: [["x:read", "y:read"], ["z"]]) b: Int @authenticated c: Int }
      type Secret @requiresScopes(scopes: [["s"]]) { id: ID }
      enum Level @authenticated { LOW }`;
    expect(read(sdl)).toEqual({
      'Query.a': [['x:read', 'y:read'], ['z']],
      'Query.b': [[]],
      Secret: [['s']],
      Level: [[]],
    });
  });

  it.each([
    ['a renamed import', link(', import: [{ name: "@requiresScopes", as: "@needs" }]'), 'needs'],
    ['the federation prefix', link(''), 'federation__requiresScopes'],
    ['a renamed prefix', link(', as: "fed"'), 'fed__requiresScopes'],
    [
      'a specification of its own',
      'schema @link(url: "https://specs.apollo.dev/link/v1.0") @link(url: "https://specs.apollo.dev/requiresScopes/v0.1", for: SECURITY) { query: Query }',
      'requiresScopes',
    ],
    [
      'a renamed specification',
      'schema @link(url: "https://specs.apollo.dev/link/v1.0") @link(url: "https://specs.apollo.dev/requiresScopes/v0.1", as: "login", for: SECURITY) { query: Query }',
      'login',
    ],
    [
      'a renamed link directive',
      'schema @l(url: "https://specs.apollo.dev/link/v1.0", as: "l") @l(url: "https://specs.apollo.dev/requiresScopes/v0.1", import: [{ name: "@requiresScopes", as: "@needs" }]) { query: Query }',
      'needs',
    ],
    ['no link at all', '', 'requiresScopes'],
  ])('resolves %s', (_, head, name) => {
    expect(read(`${head} type Query { a: Int @${name}(scopes: [["a"]]) }`)).toEqual({ 'Query.a': [['a']] });
  });

  it('ANDs a type and its extension, and several directives on one field', () => {
    const sdl = `type T @requiresScopes(scopes: [["a"], ["b"]]) { f: Int @authenticated @requiresScopes(scopes: [["x"]]) }
      extend type T @requiresScopes(scopes: [["c"]]) { g: Int }`;
    expect(read(sdl)).toEqual({
      T: [
        ['a', 'c'],
        ['b', 'c'],
      ],
      'T.f': [['x']],
    });
  });

  it('leaves a directive of another specification alone', () => {
    const sdl =
      'extend schema @link(url: "https://example.com/other/v1.0", import: [{ name: "@guard", as: "@needs" }]) type Query { a: Int @needs }';
    expect(read(sdl)).toEqual({});
  });
});

describe('bothOf', () => {
  it('multiplies alternatives and drops repetitions', () => {
    expect(bothOf([['a']], [['b'], ['c']])).toEqual([
      ['a', 'b'],
      ['a', 'c'],
    ]);
    expect(bothOf([['a']], [['a'], ['a']])).toEqual([['a']]);
    expect(bothOf()).toEqual([[]]);
  });
});
