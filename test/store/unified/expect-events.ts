import { type Matcher, Mismatch } from './match.ts';
import type { ObservedEvent } from './observed-client.ts';
import type { Document, ExpectedEvents } from './test-file.ts';

/** Fields of an expected event that the runner compares. */
const FIELDS = new Set(['command', 'commandName', 'databaseName', 'reply']);

const ENDINGS = new Set(['commitTransaction', 'abortTransaction']);

/** The Node driver adds `wtimeout: 10000` to the write concern of every end of a transaction: left out where a file expects none. */
function withoutOwnTimeout(expected: Document, actual: Document): Document {
  const wanted = expected['writeConcern'] as Document | undefined;
  const sent = actual['writeConcern'] as Document | undefined;
  if (!ENDINGS.has(String(Object.keys(actual)[0])) || !wanted || sent?.['wtimeout'] !== 10_000) return actual;
  if ('wtimeout' in wanted || '$$exists' in wanted) return actual;
  const { wtimeout: _own, ...writeConcern } = sent;
  return { ...actual, writeConcern };
}

function matchEvent(expected: Document, actual: ObservedEvent, matcher: Matcher, path: string): void {
  const [type, fields] = Object.entries(expected)[0] as [string, Document];
  if (type !== actual.type) throw new Mismatch(`${path} is a ${actual.type}, not a ${type}`);
  for (const [name, value] of Object.entries(fields)) {
    if (!FIELDS.has(name)) throw new Mismatch(`The runner does not know the field ${name} of an event`);
    const field = actual.fields[name];
    const seen = name === 'command' && field ? withoutOwnTimeout(value as Document, field as Document) : field;
    matcher.match(value, seen, `${path}.${name}`);
  }
}

/** Throws Mismatch unless a client saw these events in this order, and no others of the kind. */
export function expectEvents(expected: ExpectedEvents, observed: readonly ObservedEvent[], matcher: Matcher): void {
  const { events, eventType = 'command', ignoreExtraEvents = false } = expected;
  if (eventType !== 'command' && eventType !== 'cmap')
    throw new Mismatch(`The runner does not know the events ${eventType}`);
  const actual = observed.filter(({ type }) => type.startsWith('command') === (eventType === 'command'));
  for (const [at, event] of events.entries()) {
    const found = actual[at];
    if (!found) throw new Mismatch(`event ${at} did not come: ${Object.keys(event)[0]}`);
    matchEvent(event, found, matcher, `event ${at}`);
  }
  const extra = actual[events.length];
  if (extra && !ignoreExtraEvents)
    throw new Mismatch(`an unexpected event came: ${extra.type} ${String(extra.fields['commandName'] ?? '')}`);
}
