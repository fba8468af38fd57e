import { isUtf8Type, type MediaType, parseAccept } from './media-type.ts';
import { Refusal } from './refusal.ts';

/** The media types of answers. Spec: graphql.github.io/graphql-over-http, and the distinct connections of graphql-sse. */
export const MEDIA = {
  response: 'application/graphql-response+json',
  json: 'application/json',
  stream: 'text/event-stream',
} as const;

/** How a client wants its answer. */
export interface Negotiated {
  /** Type of a single answer; null when only a stream is accepted. */
  readonly single: typeof MEDIA.response | typeof MEDIA.json | null;
  /** The client names `application/json` itself: a document that is wrong answers 200, as that media type has it. */
  readonly legacy: boolean;
  /** Whether a stream is accepted. */
  readonly stream: boolean;
}

function toSingle(range: MediaType): Pick<Negotiated, 'single' | 'legacy'> | null {
  if (!isUtf8Type(range)) return null;
  if (range.essence === MEDIA.response) return { single: MEDIA.response, legacy: false };
  if (range.essence === MEDIA.json) return { single: MEDIA.json, legacy: true };
  return range.essence === '*/*' || range.essence === 'application/*' ? { single: MEDIA.json, legacy: false } : null;
}

/** What to answer with. Without the header anything goes. AppError NOT_ACCEPTABLE when nothing of ours is accepted. */
export function negotiate(accept: string | undefined): Negotiated {
  const ranges = parseAccept(accept ?? '*/*');
  const single = ranges.map(toSingle).find((choice) => choice !== null) ?? { single: null, legacy: false };
  const stream = ranges.some(({ essence }) => essence === MEDIA.stream);
  if (single.single || stream) return { ...single, stream };
  throw new Refusal('NOT_ACCEPTABLE', `Accept one of ${Object.values(MEDIA).join(', ')}.`);
}
