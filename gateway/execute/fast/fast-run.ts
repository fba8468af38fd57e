import { Answer } from '../../answer.ts';
import type { OperationContext } from '../../engine.ts';
import type { RawResponse, SubgraphTransport } from '../../transport/transport.ts';
import type { FastOutcome, FetchedReply } from '../fast-path.ts';
import { toRequest, writeVariables } from '../send.ts';
import { toCompact, withoutSpaces } from './compact-reply.ts';
import type { CompactReply } from './leaf-check.ts';
import { type FastBatch, type FastState, type Program, type ProgramRequest, ReplyText } from './program.ts';
import type { TapePool } from './tape-pool.ts';
import type { LeaveReason } from './unplain.ts';

/** What one run is made of. */
export interface FastRunOptions {
  readonly program: Program;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly context: OperationContext;
  readonly sendRaw: NonNullable<SubgraphTransport['sendRaw']>;
  readonly tapes: TapePool;
}

/** How a run ended: what the executor is told, and what is counted. */
export interface FastEnd {
  readonly outcome: FastOutcome;
  /** Null when it was answered. */
  readonly reason: LeaveReason | null;
  /** Of a fault, what was thrown. */
  readonly cause?: unknown;
}

/** Bytes of one reply; beyond, objects are as good and memory is spared. */
const REPLY_LIMIT = 4_000_000;
const EMPTY = { texts: [] } as const;

/** One execution: requests as soon as all they wait for is there, replies onto the tape, then the answer in one go. */
export class FastRun {
  readonly #options: FastRunOptions;
  readonly #state: FastState;
  readonly #waiting: Int32Array;
  readonly #replies = new Map<number, FetchedReply>();
  #inFlight = 0;
  #left: number;
  #reason: LeaveReason | null = null;
  #cause: unknown;
  #isOver = false;
  #resolve: (end: FastEnd) => void = () => undefined;

  constructor(options: FastRunOptions) {
    this.#options = options;
    const { requests, lists } = options.program;
    this.#state = {
      tape: options.tapes.take(),
      top: 1,
      at: new Int32Array(requests.length + lists),
      sizes: new Int32Array(lists),
      replies: [],
    };
    this.#waiting = Int32Array.from(requests, ({ waitsFor }) => waitsFor);
    this.#left = requests.length;
  }

  /** Resolves when the answer is there, or when it is known that this is not the way and nothing is under way any more. */
  run(): Promise<FastEnd> {
    return new Promise((resolve) => {
      this.#resolve = resolve;
      for (const request of this.#options.program.requests)
        if (request.waitsFor === 0) this.#guard(() => this.#send(request));
      if (this.#left === 0) this.#guard(() => this.#finish());
    });
  }

  /** What fails in here is a defect of ours; the exact executor answers all the same. */
  #guard(step: () => void): void {
    try {
      step();
      for (const reply of this.#state.replies) reply?.drop();
    } catch (error) {
      this.#cause = error;
      this.#leave('fault');
    }
  }

  #send(request: ProgramRequest): void {
    if (this.#reason !== null) return;
    const { context, variables: given, sendRaw } = this.#options;
    const { subgraph, operation, variables } = request.request;
    if (context.signal.aborted) {
      this.#leave('aborted');
      return;
    }
    const representations = request.lists.map(({ index, variable }) => ({ variable, ...this.#gather(index) }));
    if (representations.length > 0 && representations.every(({ texts }) => texts.length === 0)) {
      this.#done(request);
      return;
    }
    const variablesJson = writeVariables({ variables, representations }, given);
    const sent = sendRaw(toRequest({ subgraph, operation }, variablesJson, { context }));
    this.#inFlight += 1;
    sent.then(
      (response) => this.#guard(() => this.#arrived(request, variablesJson, response)),
      (error: unknown) => this.#guard(() => this.#failed(request, variablesJson, error)),
    );
  }

  #gather(list: number): { readonly texts: readonly string[] } {
    const { machine } = this.#options.program;
    const batch: FastBatch = { texts: [], known: new Map() };
    machine.gathers[list]?.(this.#state, batch);
    this.#state.sizes[list] = batch.texts.length;
    return batch.texts.length === 0 ? EMPTY : { texts: batch.texts.map(toText) };
  }

  #arrived(request: ProgramRequest, variablesJson: string, response: RawResponse): void {
    this.#inFlight -= 1;
    this.#replies.set(request.request.index, { variablesJson, outcome: { response } });
    const reason = this.#reason ?? this.#read(request, response);
    if (reason === null) this.#done(request);
    else this.#leave(reason);
  }

  #failed(request: ProgramRequest, variablesJson: string, error: unknown): void {
    this.#inFlight -= 1;
    this.#replies.set(request.request.index, { variablesJson, outcome: { error } });
    this.#leave('fetch-failed');
  }

  #done(request: ProgramRequest): void {
    this.#left -= 1;
    for (const next of request.dependents) {
      const { index } = next.request;
      const waiting = (this.#waiting[index] as number) - 1;
      this.#waiting[index] = waiting;
      if (waiting === 0) this.#send(next);
    }
    if (this.#left === 0 && this.#reason === null) this.#finish();
  }

  /** Null when the reply is on the tape. */
  #read(request: ProgramRequest, { status, bytes }: RawResponse): LeaveReason | null {
    if (status !== 200) return 'status';
    if (bytes.length > REPLY_LIMIT) return 'size';
    const compact = toCompact(bytes);
    if (!compact) return 'reply';
    if (this.#scan(request, compact)) return null;
    // Servers that put spaces between tokens are as good as others.
    const spaceless = withoutSpaces(compact.text);
    if (spaceless && spaceless.text.length < compact.text.length && this.#scan(request, spaceless)) return null;
    return compact.text.includes('"errors"') ? 'errors' : 'reply';
  }

  #scan({ request }: ProgramRequest, reply: CompactReply): boolean {
    const state = this.#state;
    const before = state.top;
    const isRead = this.#options.program.machine.scans[request.index]?.(state, reply) === true;
    if (isRead) state.replies[request.index] = new ReplyText(reply);
    else state.top = before;
    return isRead;
  }

  #finish(): void {
    const text = this.#options.program.machine.write(this.#state);
    // `Buffer.from` would go over the text once more.
    const json = Buffer.allocUnsafe(text.length);
    json.write(text, 'latin1');
    this.#forget();
    this.#end({ outcome: { kind: 'answered', answer: Answer.ofJson(json) }, reason: null });
  }

  /**
   * Lets go of the replies. This run has lived over several round trips, so it is old to the garbage collector, and what an
   * old object holds is kept until the next major collection even when the object itself is dead.
   */
  #forget(): void {
    this.#replies.clear();
    this.#state.replies.length = 0;
  }

  #leave(reason: LeaveReason): void {
    this.#reason ??= reason;
    this.#settle();
  }

  /** Waits for what is under way, so that the exact executor need not send it again. */
  #settle(): void {
    if (this.#inFlight > 0) return;
    const outcome = { kind: 'left', replies: this.#replies } as const;
    this.#end({ outcome, reason: this.#reason, ...(this.#reason === 'fault' ? { cause: this.#cause } : {}) });
  }

  #end(end: FastEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#options.tapes.give(this.#state.tape);
    this.#resolve(end);
  }
}

const BEYOND_ASCII = /[\u0080-\u00ff]/;

/** Text cut out of replies, which are held byte by character, as what it says. */
function toText(latin1: string): string {
  return BEYOND_ASCII.test(latin1) ? Buffer.from(latin1, 'latin1').toString('utf8') : latin1;
}
