import { type Matcher, Mismatch } from './match.ts';
import type { ObservedEvent } from './observed-client.ts';
import type { Document, ExpectedEvents } from './test-file.ts';

/** Fields of an expected event that the runner compares. */
const FIELDS = new Set(['command', 'commandName', 'databaseName', 'reply']);

function matchEvent(expected: Document, actual: ObservedEvent, matcher: Matcher, path: string): void {
  const [type, fields] = Object.entries(expected)[0] as [string, Document];
  if (type !== actual.type) throw new Mismatch(`${path} is a ${actual.type}, not a ${type}`);
  for (const [name, value] of Object.entries(fields)) {
    if (!FIELDS.has(name)) throw new Mismatch(`The runner does not know the field ${name} of an event`);
    matcher.match(value, actual.fields[name], `${path}.${name}`);
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
