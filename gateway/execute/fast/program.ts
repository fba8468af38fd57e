import type { Source } from '../codegen/source.ts';
import { compileSource } from '../codegen/source.ts';
import type { ScheduledRequest } from '../schedule.ts';
import type { CompactReply, LeafCheck } from './leaf-check.ts';
import { longer } from './tape-pool.ts';

/** One execution's replies and what is known of them. */
export interface FastState {
  /** Headers of all objects of all replies; index 0 is nobody's. */
  tape: Int32Array;
  /** Where the tape is free. */
  top: number;
  /** Roots by request, then tables of entities by list. */
  readonly at: Int32Array;
  /** Entities in each list. */
  readonly sizes: Int32Array;
  /** Replies by request. */
  readonly replies: ReplyText[];
}

/** Slices that are made of bytes before a text is: each costs about as much as 500 bytes of text. */
const CUTS = 100;

/**
 * A reply whose text is made when it is needed and dropped at the end of the synchronous step that did: text that waits for
 * other replies is what the garbage collector copies most.
 */
export class ReplyText {
  readonly #bytes: Buffer;
  #text: string | null;
  #cuts = 0;

  constructor({ bytes, text }: CompactReply) {
    this.#bytes = bytes;
    this.#text = text;
  }

  /** As latin1. */
  get text(): string {
    this.#text ??= this.#bytes.toString('latin1');
    return this.#text;
  }

  /** A part of it. For a few of them no text is made of the whole. */
  slice(from: number, to: number): string {
    if (this.#text === null && this.#cuts < CUTS) {
      this.#cuts += 1;
      return this.#bytes.toString('latin1', from, to);
    }
    return this.text.slice(from, to);
  }

  drop(): void {
    this.#text = null;
    this.#cuts = 0;
  }
}

/** Distinct representations of a list as JSON, and their indices by what tells them apart. */
export interface FastBatch {
  readonly texts: string[];
  readonly known: Map<string, number>;
}

/** Generated functions of one operation. They are synchronous and keep nothing between calls. */
export interface Machine {
  /** By request: reads a reply onto the tape; false when it is not what was asked for. */
  readonly scans: readonly ((state: FastState, reply: CompactReply) => boolean)[];
  /** By list: notes what it asks for. */
  readonly gathers: readonly ((state: FastState, batch: FastBatch) => void)[];
  /** The whole answer as JSON, latin1. */
  readonly write: (state: FastState) => string;
}

/** A list of entities of a request. */
export interface ProgramList {
  /** Among all lists of the program. */
  readonly index: number;
  readonly variable: string;
}

/** A request of a program. */
export interface ProgramRequest {
  readonly request: ScheduledRequest;
  /** Empty for root fields. */
  readonly lists: readonly ProgramList[];
  /** What waits for it. */
  readonly dependents: readonly ProgramRequest[];
  /** How many it waits for. */
  readonly waitsFor: number;
}

/** An operation compiled for the fast path. */
export interface Program {
  /** By `ScheduledRequest.index`. */
  readonly requests: readonly ProgramRequest[];
  readonly lists: number;
  readonly machine: Machine;
}

/** Source texts of a machine. */
export interface MachineSource {
  readonly requests: number;
  /** Function declarations. */
  readonly functions: readonly Source[];
  /** By request. */
  readonly scans: readonly Source[];
  /** By list: statements. */
  readonly gathers: readonly Source[];
  /** The expression of the answer. */
  readonly answer: Source;
  readonly memos: readonly string[];
  readonly checks: readonly LeafCheck[];
}

/** Makes a machine of its source. What generated functions share is set when one is entered and cleared when it is left. */
export function toMachine({ requests, functions, scans, gathers, answer, memos, checks }: MachineSource): Machine {
  const texts = Array.from({ length: requests }, (_, index) => `t${index}`);
  const shared = ['tape', 'at', 'top', 'reply', 'b', 'text', 'isPlain', 'known', 'texts', ...texts, ...memos];
  const leave = ['tape', 'at', 'known', 'texts', ...texts].map((name) => `${name} = null;`).join(' ');
  const source = `(function () {
    let ${shared.join(', ')};
    ${functions.join('\n')}
    ${gathers.map((body, index) => `function gather${index}() { ${body} }`).join('\n')}
    return {
      scans: [${scans.join(',\n')}],
      gathers: [${gathers.map(
        (body, index) => `function (state, batch) {
          ${enter([body], '')} known = batch.known; texts = batch.texts;
          gather${index}();
          ${leave}
        }`,
      )}],
      write(state) {
        ${enter(functions, '?.text')} ${memos.map((name) => `${name} = [];`).join(' ')}
        const json = ${answer};
        ${leave} ${memos.map((name) => `${name} = null;`).join(' ')}
        return json;
      },
    };
  })()`;
  const bindings = Object.fromEntries(checks.map((check, index) => [`check${index}`, check]));
  return compileSource<Machine>(source, { ...bindings, longer });
}

/** Statements that set what some code reads: the tape, and those replies (or their texts) that it takes slices of. */
function enter(bodies: readonly Source[], text: '' | '?.text'): Source {
  const used = new Set(bodies.flatMap((body) => [...body.matchAll(/\bt(\d+)\.slice\(/g)].map(([, index]) => index)));
  const texts = [...used].map((index) => `t${index} = state.replies[${index}]${text} ?? "";`);
  return `tape = state.tape; at = state.at; ${texts.join(' ')}`;
}
