import type { Demo } from '../serve/demo-gateway.ts';
import type { Answer } from '../serve/read-answer.ts';

/** One message of a stream. */
export interface StreamMessage {
  readonly event: string;
  readonly id: string | null;
  readonly data: Answer | null;
}

/** A stream as a careful client reads it: every message, and the last id by which it would resume. */
export interface TestStream {
  readonly status: number;
  readonly response: Response;
  /** The next message, `complete` included; null at the end. */
  next(): Promise<StreamMessage | null>;
  /** Payload of the next `next`. */
  data(): Promise<Answer | null | undefined>;
  lastEventId(): string | null;
  /** Ids that came without an event. */
  readonly beats: readonly string[];
  close(): Promise<void>;
}

export interface StreamRequest {
  readonly query: string;
  readonly variables?: Record<string, unknown>;
  readonly token?: string;
  readonly lastEventId?: string | null;
  readonly extensions?: Record<string, unknown>;
}

function parseBlock(block: string): StreamMessage {
  const fields = new Map(
    block.split('\n').map((line): [string, string] => {
      const at = line.indexOf(':');
      return [line.slice(0, at), line.slice(at + 1).trim()];
    }),
  );
  const data = fields.get('data');
  return {
    event: fields.get('event') ?? '',
    id: fields.get('id') ?? null,
    data: data ? (JSON.parse(data) as Answer) : null,
  };
}

/** Subscribes over server-sent events; resolves once the server has said where the stream stands. */
export async function openStream(
  demo: Demo,
  { token = 'ada', lastEventId, ...body }: StreamRequest,
): Promise<TestStream> {
  const response = await fetch(demo.graphql, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      authorization: `Bearer ${token}`,
      ...(lastEventId ? { 'last-event-id': lastEventId } : {}),
    },
    body: JSON.stringify(body),
  });
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') ?? false;
  const reader = !isStream ? undefined : response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  let lastId: string | null = null;
  const beats: string[] = [];

  async function block(): Promise<StreamMessage | null> {
    while (!text.includes('\n\n')) {
      const chunk = await reader?.read();
      if (!chunk || chunk.done) return null;
      text += chunk.value;
    }
    const end = text.indexOf('\n\n');
    const parsed = parseBlock(text.slice(0, end));
    text = text.slice(end + 2);
    if (parsed.id !== null) lastId = parsed.id;
    if (parsed.event === '' && parsed.id !== null) beats.push(parsed.id);
    return parsed;
  }

  const stream: TestStream = {
    status: response.status,
    response,
    async next() {
      for (;;) {
        const message = await block();
        if (message?.event !== '') return message;
      }
    },
    data: async () => (await stream.next())?.data,
    lastEventId: () => lastId,
    beats,
    close: async () => {
      await reader?.cancel().catch(() => undefined);
    },
  };
  if (isStream) await block();
  return stream;
}
