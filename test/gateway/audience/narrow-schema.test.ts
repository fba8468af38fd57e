import fc from 'fast-check';
import { buildSchema, isSchema, parse, printSchema, validate, validateSchema } from 'graphql';
import { describe, expect, it } from 'vitest';
import { narrowSchema } from '../../../gateway/audience/narrow-schema.ts';
import type { Visibility } from '../../../gateway/audience/visibility.ts';

const schema = buildSchema(/* GraphQL */ `
  interface Record { id: ID! owner: User }
  type Account implements Record { id: ID! owner: User name: String! secret: String kind: Kind }
  type Invoice implements Record { id: ID! owner: User total(in: Currency, precise: Boolean = false): Int! lines: [Line!]! }
  type Line { text: String price: Price }
  type Price { amount: Int }
  type User { name: String accounts: [Account!]! }
  union Hit = Account | Invoice
  enum Kind { CUSTOMER PARTNER INTERNAL }
  enum Currency { EUR USD }
  input Filter { kind: Kind text: String only: Only }
  input Only { ids: [ID!]! }
  type Query { account(id: ID!): Account search(filter: Filter): [Hit!]! invoices: [Invoice!]! records: [Record!]! }
  type Mutation { pay(id: ID!): Invoice }
`);

/** Everything but these coordinates. */
function without(...coordinates: string[]): Visibility {
  const hidden = new Set(coordinates);
  return {
    type: (name) => !hidden.has(name),
    member: (type, name) => !hidden.has(`${type}.${name}`),
    argument: (type, field, name) => !hidden.has(`${type}.${field}(${name}:)`),
  };
}

describe('a narrowed schema', () => {
  it('is the schema itself when nothing is hidden', () => {
    expect(narrowSchema(schema, without())).toBe(schema);
    expect(narrowSchema(schema, without('Nothing.here'))).toBe(schema);
  });

  it('lacks what is hidden', () => {
    const narrowed = printSchema(
      narrowSchema(schema, without('Account.secret', 'Kind.INTERNAL', 'Invoice.total(in:)')),
    );
    expect(narrowed).not.toMatch(/secret|INTERNAL|Currency/);
    expect(narrowed).toContain('total(precise: Boolean = false): Int!');
  });

  it('lacks types of which nothing is left, and what returns them', () => {
    const narrowed = narrowSchema(schema, without('Price.amount', 'Line.text'));
    expect(Object.keys(narrowed.getTypeMap())).not.toEqual(expect.arrayContaining(['Line']));
    expect(printSchema(narrowed)).not.toMatch(/Price|lines/);
  });

  it('lacks what nothing leads to any more', () => {
    const narrowed = narrowSchema(schema, without('Query.search', 'Account.kind'));
    expect(printSchema(narrowed)).not.toMatch(/Hit|Filter|Only|Kind/);
  });

  it('keeps objects whole under an interface: what one of them hides the interface does not have', () => {
    const narrowed = printSchema(narrowSchema(schema, without('Account.owner')));
    expect(narrowed).toMatch(/interface Record \{\s+id: ID!\s+\}/);
    expect(narrowed).toMatch(/type Invoice implements Record \{\s+id: ID!\s+owner: User/);
  });

  it('lacks members of a union that are hidden, and the union without members', () => {
    expect(printSchema(narrowSchema(schema, without('Account')))).toContain('union Hit = Invoice');
    expect(printSchema(narrowSchema(schema, without('Account', 'Invoice')))).not.toContain('Hit');
  });

  it('has no mutation type when no mutation is visible', () => {
    expect(narrowSchema(schema, without('Mutation.pay')).getMutationType()).toBeUndefined();
  });

  it('says that nothing is visible when no query is', () => {
    const hidden = without('Query.account', 'Query.search', 'Query.invoices', 'Query.records');
    const fields = narrowSchema(schema, hidden).getQueryType()?.getFields();
    expect(Object.keys(fields ?? {})).toEqual(['_nothing']);
  });

  it.each(['Query.account(id:)', 'Only.ids'])('cannot be had when %s is hidden, which is required', (coordinate) => {
    expect(() => narrowSchema(schema, without(coordinate))).toThrow(
      expect.objectContaining({ code: 'SUPERGRAPH_INVALID' }),
    );
  });
});

const coordinates = Object.values(schema.getTypeMap())
  .filter(({ name }) => !name.startsWith('__'))
  .flatMap((type) =>
    'getFields' in type ? [type.name, ...Object.keys(type.getFields()).map((field) => `${type.name}.${field}`)] : [],
  )
  .filter((coordinate) => !coordinate.startsWith('Only') && coordinate !== 'Query');

it('is valid whatever is hidden, and valid queries on it are valid on the whole', () => {
  const query = parse('{ records { id ... on Account { name owner { name } } } search { ... on Invoice { total } } }');
  fc.assert(
    fc.property(fc.subarray(coordinates), (hidden) => {
      const narrowed = narrowSchema(schema, without(...hidden));
      expect(isSchema(narrowed) && validateSchema(narrowed)).toEqual([]);
      if (validate(narrowed, query).length === 0) expect(validate(schema, query)).toEqual([]);
      for (const coordinate of hidden) {
        const [type = '', field] = coordinate.split('.');
        const found = narrowed.getType(type);
        if (field === undefined) expect(found).toBeUndefined();
        else if (found && 'getFields' in found) expect(Object.keys(found.getFields())).not.toContain(field);
      }
    }),
    { numRuns: 200 },
  );
});
