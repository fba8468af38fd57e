import { readFile } from 'node:fs/promises';
import { AppError } from '../../lib/errors.ts';

/** A GraphQL answer. */
export interface GraphAnswer {
  // biome-ignore lint/suspicious/noExplicitAny: the demo reads the answers of its own operations
  readonly data?: any;
  readonly errors?: readonly { message: string; path?: (string | number)[]; extensions?: Record<string, unknown> }[];
}

/** One of schema/operations, by name. */
export function readOperation(name: string): Promise<string> {
  return readFile(new URL(`../../schema/operations/${name}.graphql`, import.meta.url), 'utf8');
}

/** Posts an operation as any client would. */
export async function ask(url: string, token: string, query: string, variables: object = {}): Promise<GraphAnswer> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  return (await response.json()) as GraphAnswer;
}

/** A message of an SSE stream. */
export interface StreamMessage {
  readonly event: string;
  /** The cursor to resume from. */
  readonly id: string | null;
  readonly data: GraphAnswer | null;
}

/** Subscribes over SSE; messages come by `next()`, `cursor()` is where the stream stands. `lastEventId` resumes. */
export async function subscribe(options: {
  url: string;
  token: string;
  query: string;
  variables?: object;
  lastEventId?: string | null;
}) {
  const { url, token, query, variables = {}, lastEventId } = options;
  const abort = new AbortController();
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      accept: 'text/event-stream',
      ...(lastEventId ? { 'last-event-id': lastEventId } : {}),
    },
    body: JSON.stringify({ query, variables }),
    signal: abort.signal,
  });
  if (!response.ok || !response.body)
    throw new AppError('SUBGRAPH_UNAVAILABLE', `The subscription was refused: ${await response.text()}`);
  let cursor = lastEventId ?? null;
  // Now, not at the first `next()`: a body that nobody reads is cancelled when its response is garbage-collected.
  const chunks = response.body.values();
  const messages = readMessages(chunks, (id) => {
    cursor = id;
  });
  return {
    next: async () => (await messages.next()).value as StreamMessage | undefined,
    cursor: () => cursor,
    close: () => abort.abort(),
  };
}

async function* readMessages(
  chunks: AsyncIterable<Uint8Array>,
  onId: (id: string) => void,
): AsyncGenerator<StreamMessage> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of chunks) {
    text += decoder.decode(chunk, { stream: true });
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const fields = toFields(text.slice(0, end));
      text = text.slice(end + 2);
      const [event, data, id] = [fields.get('event'), fields.get('data'), fields.get('id')];
      if (id) onId(id);
      if (event) yield { event, id: id ?? null, data: data ? (JSON.parse(data) as GraphAnswer) : null };
    }
  }
}

/** The fields of a block; none for comments, which only keep the connection open, an id alone where nothing happened. */
function toFields(block: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 1).replace(/^ /, ''));
  }
  return fields;
}
