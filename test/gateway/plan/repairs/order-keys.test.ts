import { describeRepair } from './repair-cases.ts';

describeRepair(
  'a key that does not resolve',
  [
    {
      name: 'names',
      sdl: `type Thing @key(fields: "id") @key(fields: "code", resolvable: false) @key(fields: "serial { maker number }", resolvable: false) {
          id: ID! code: ID! @shareable serial: Serial! @shareable name: String! }
        type Serial @shareable { maker: ID! number: ID! batch: ID! }`,
      resolvers: { Thing: { __resolveReference: ({ id }: { id: string }) => ({ id, name: `name of ${id}` }) } },
    },
    {
      name: 'stock',
      sdl: `type Query { things: [Thing!]! }
        type Thing @key(fields: "serial { maker number }", resolvable: false) @key(fields: "id serial { number batch }")
          @key(fields: "code", resolvable: false) @key(fields: "id", resolvable: false) {
          id: ID! code: ID! @shareable serial: Serial! @shareable name: String! @external badge: String! @requires(fields: "name") }
        type Serial @shareable { maker: ID! number: ID! batch: ID! }`,
      resolvers: {
        Query: { things: () => [{ id: 't1', code: 'c', serial: { maker: 'm', number: 'n', batch: 'b' } }] },
        Thing: {
          __resolveReference(given: { id?: string; name: string; serial: { batch?: string } }) {
            if (!given.id || !given.serial.batch) throw new Error('This is not a key that I resolve.');
            return given;
          },
          badge: ({ id, name }: { id: string; name: string }) => `${id}: ${name}`,
        },
      },
    },
  ],
  [
    {
      title: 'is not chosen on the way back to where one came from',
      query: '{ things { id name badge } }',
      data: { things: [{ id: 't1', name: 'name of t1', badge: 't1: name of t1' }] },
    },
  ],
);
