import { GraphQLError, GraphQLScalarType, Kind, type ValueNode } from 'graphql';

const DATE_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/;
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const DECIMAL = /^-?\d{1,18}(\.\d{1,18})?$/;

function refuse(type: string, expected: string): GraphQLError {
  return new GraphQLError(`${type} must be ${expected}.`, { extensions: { code: 'BAD_USER_INPUT' } });
}

/** A scalar that arrives as text only. */
function defineTextScalar<Internal>(
  name: string,
  expected: string,
  parse: (text: string) => Internal | null,
  serialize: (value: unknown) => string,
): GraphQLScalarType {
  const read = (value: unknown): Internal => {
    const parsed = typeof value === 'string' ? parse(value) : null;
    if (parsed === null) throw refuse(name, expected);
    return parsed;
  };
  const parseLiteral = (node: ValueNode) => read(node.kind === Kind.STRING ? node.value : null);
  return new GraphQLScalarType({ name, parseValue: read, parseLiteral, serialize });
}

/** `Date` accepts 31 February and moves it to March; this does not. */
function isRealDay(day: string): boolean {
  const parsed = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().slice(0, 10) === day;
}

function parseDateTime(text: string): Date | null {
  if (!DATE_TIME.test(text) || !isRealDay(text.slice(0, 10))) return null;
  const moment = new Date(text);
  return Number.isNaN(moment.getTime()) ? null : moment;
}

function toDate(value: unknown): Date {
  const moment = value instanceof Date ? value : new Date(value as string | number);
  if (Number.isNaN(moment.getTime())) throw new TypeError('not a moment');
  return moment;
}

/** A `Date` inside; RFC 3339 with an offset in, UTC with milliseconds out. */
export const DateTime = defineTextScalar(
  'DateTime',
  'a moment as in RFC 3339, for example "2026-11-23T08:00:00.000Z"',
  parseDateTime,
  (value) => toDate(value).toISOString(),
);

/** Text `YYYY-MM-DD` inside and outside: a calendar day has no time zone. */
export const DateScalar = defineTextScalar(
  'Date',
  'a calendar day, for example "2026-11-23"',
  (text) => (DATE.test(text) && isRealDay(text) ? text : null),
  (value) => (typeof value === 'string' ? value : toDate(value).toISOString().slice(0, 10)),
);

/** Text inside and outside, up to 18 digits on either side of the point. */
export const Decimal = defineTextScalar(
  'Decimal',
  'a decimal number as text, for example "12.50"',
  (text) => (DECIMAL.test(text) ? text : null),
  (value) => {
    if (typeof value !== 'string' || !DECIMAL.test(value)) throw new TypeError('not a decimal');
    return value;
  },
);

/** The scalars of common.graphql, given to every subgraph. */
export const SCALARS = { DateTime, Date: DateScalar, Decimal };
