import { createBoundedCache } from '../../lib/bounded-cache.ts';
import { type AcceptedRange, isUtf8Type, type MediaType, parseAccept } from './media-type.ts';
import { Refusal } from './refusal.ts';

/** The media types of answers. Spec: graphql.github.io/graphql-over-http, and the distinct connections of graphql-sse. */
export const MEDIA = {
  response: 'application/graphql-response+json',
  json: 'application/json',
  stream: 'text/event-stream',
  multipart: 'multipart/mixed',
} as const;

/**
 * The forms in which parts of an answer come later: the older one that Apollo Client 3 and urql read
 * (`deferSpec=20220824`), and the one of the current draft (`incrementalSpec=v0.2`).
 */
export type IncrementalForm = '20220824' | 'v0.2';

/** How a client wants its answer. */
export interface Negotiated {
  /** Type of a single answer; null when only a stream is accepted. */
  readonly single: typeof MEDIA.response | typeof MEDIA.json | null;
  /** The client names `application/json` itself: a document that is wrong answers 200, as that media type has it. */
  readonly legacy: boolean;
  /** Whether a stream is accepted. */
  readonly stream: boolean;
  /** The form of `multipart/mixed` that is accepted no less gladly than a single answer; null when there is none. */
  readonly multipart: IncrementalForm | null;
}

type Single = Pick<Negotiated, 'single' | 'legacy'>;

function toSingle(range: MediaType): Single | null {
  if (!isUtf8Type(range)) return null;
  if (range.essence === MEDIA.response) return { single: MEDIA.response, legacy: false };
  if (range.essence === MEDIA.json) return { single: MEDIA.json, legacy: true };
  return range.essence === '*/*' || range.essence === 'application/*' ? { single: MEDIA.json, legacy: false } : null;
}

/** Without a parameter it is the older form: urql asks for that with the bare type. Another draft, or subscriptions, is none of ours. */
function toForm({ essence, parameters }: MediaType): IncrementalForm | null {
  if (essence !== MEDIA.multipart || parameters.has('subscriptionspec')) return null;
  const current = parameters.get('incrementalspec');
  if (current !== undefined) return current === 'v0.2' ? 'v0.2' : null;
  const older = parameters.get('deferspec');
  return older === undefined || older === '20220824' ? '20220824' : null;
}

/** The best range that means something, with how much it is wanted. */
function best<T>(ranges: readonly AcceptedRange[], meaning: (range: MediaType) => T | null): [T, number] | null {
  for (const range of ranges) {
    const found = meaning(range);
    if (found !== null) return [found, range.quality];
  }
  return null;
}

function negotiateAnew(accept: string): Negotiated {
  const ranges = parseAccept(accept);
  const [single, singleQuality] = best(ranges, toSingle) ?? [{ single: null, legacy: false }, 0];
  const [form, formQuality] = best(ranges, toForm) ?? [null, 0];
  const stream = ranges.some(({ essence }) => essence === MEDIA.stream);
  const multipart = formQuality >= singleQuality ? form : null;
  if (single.single || stream || multipart) return { ...single, stream, multipart };
  throw new Refusal('NOT_ACCEPTABLE', `Accept one of ${Object.values(MEDIA).join(', ')}.`);
}

/** Clients of one kind send one header: few are seen, and what is longer than any client's is read anew. */
const known = createBoundedCache<Negotiated>(200);
const LONGEST_KEPT = 300;

/** What to answer with. Without the header anything goes. AppError NOT_ACCEPTABLE when nothing of ours is accepted. */
export function negotiate(accept = '*/*'): Negotiated {
  const found = known.get(accept);
  if (found) return found;
  const negotiated = negotiateAnew(accept);
  if (accept.length <= LONGEST_KEPT) known.set(accept, negotiated);
  return negotiated;
}
