import type { ExecutionResult, GraphQLFormattedError } from 'graphql';
import { toUtf8 } from './json-bytes.ts';

/** A part of an answer that comes later (`@defer`), announced before it is there. */
export interface PendingPart {
  /** Unique within the answer. */
  readonly id: string;
  /** The object that the part's fields belong to: response names and list indices. */
  readonly path: readonly (string | number)[];
  readonly label: string | null;
}

/** A deferred part that has arrived. */
export interface DeferredPart {
  /** Of the pending part it is. */
  readonly id: string;
  /** Fields to merge into the object at the part's path; null when a null in a non-null place reached it. */
  readonly data: Readonly<Record<string, unknown>> | null;
  readonly errors: readonly GraphQLFormattedError[];
  /** Parts inside this one, now announced. */
  readonly pending: readonly PendingPart[];
}

/** What of an answer comes later. */
export interface Deferred {
  readonly pending: readonly PendingPart[];
  /** In order of arrival; ends when all are there. Returning early cancels the fetches that are left. */
  readonly parts: AsyncIterable<DeferredPart>;
}

const NO_HEADERS: Readonly<Record<string, string>> = {};
const CLOSING_BRACE = '}'.charCodeAt(0);

/**
 * The answer to a query or a mutation. It is held as objects or as the bytes of its JSON, whichever the executor made; the
 * other form is made when somebody asks for it, so that what nobody reads is never parsed and never serialised twice.
 */
export class Answer {
  #result: ExecutionResult | null;
  #json: Buffer | null;
  /** Whether `#json` may have extensions already: what executors write has none. */
  #isExtended = false;
  #headers: Readonly<Record<string, string>> = NO_HEADERS;
  /** Those in `#json`. */
  #errors: readonly GraphQLFormattedError[] = [];
  /** Null when all of the answer is here. */
  readonly deferred: Deferred | null;

  private constructor(result: ExecutionResult | null, json: Buffer | null, deferred: Deferred | null) {
    this.#result = result;
    this.#json = json;
    this.deferred = deferred;
  }

  /** An answer made of objects. */
  static ofResult(result: ExecutionResult, deferred: Deferred | null = null): Answer {
    return new Answer(result, null, deferred);
  }

  /**
   * An answer whose JSON was written directly: UTF-8, an object with `data` and no `extensions`; `errors` are those in it. It
   * must not change afterwards.
   */
  static ofJson(json: Buffer, errors: readonly GraphQLFormattedError[] = []): Answer {
    const answer = new Answer(null, json, null);
    answer.#errors = errors;
    return answer;
  }

  /** Headers of the HTTP answer, besides those of every answer. */
  get headers(): Readonly<Record<string, string>> {
    return this.#headers;
  }

  /** Its errors, without making objects of its bytes. */
  get errors(): readonly Pick<GraphQLFormattedError, 'message' | 'extensions'>[] {
    return this.#result ? (this.#result.errors ?? []) : this.#errors;
  }

  /** Whether there is any data; there is where bytes were written. */
  get hasData(): boolean {
    return !this.#result || (this.#result.data !== undefined && this.#result.data !== null);
  }

  /** As objects. Errors are formatted ones when the answer was made of bytes. */
  get result(): ExecutionResult {
    this.#result ??= JSON.parse((this.#json ?? Buffer.from('{}')).toString('utf8')) as ExecutionResult;
    return this.#result;
  }

  /** As JSON in UTF-8. */
  get json(): Buffer {
    this.#json ??= toUtf8(JSON.stringify(this.#result));
    return this.#json;
  }

  /** This answer with more extensions; of two with one name the new one stays. Bytes stay bytes. */
  withExtensions(extensions: Readonly<Record<string, unknown>>): Answer {
    if (this.#json !== null && this.#result === null && !this.#isExtended) {
      const more = Buffer.from(`,"extensions":${JSON.stringify(extensions)}}`, 'utf8');
      const answer = Answer.ofJson(
        Buffer.concat([this.#json.subarray(0, this.#json.lastIndexOf(CLOSING_BRACE)), more]),
        this.#errors,
      );
      answer.#isExtended = true;
      return answer.withHeaders(this.headers);
    }
    const { result } = this;
    const extended = { ...result, extensions: { ...result.extensions, ...extensions } };
    return new Answer(extended, null, this.deferred).withHeaders(this.headers);
  }

  /** This answer with more headers for transports that can send them (HTTP, unless streamed); names in lower case. */
  withHeaders(headers: Readonly<Record<string, string>>): Answer {
    const answer = new Answer(this.#result, this.#json, this.deferred);
    answer.#isExtended = this.#isExtended;
    answer.#errors = this.#errors;
    answer.#headers = { ...this.#headers, ...headers };
    return answer;
  }

  /** What is here already, for `JSON.stringify`. */
  toJSON(): ExecutionResult {
    return this.result;
  }
}
