import { isNonNullType } from 'graphql';
import type { Source } from '../codegen/source.ts';
import type { LeafCheck } from './leaf-check.ts';
import { isText, leafCheckOf } from './leaf-check.ts';
import { HEADER, type ReplyField, type ReplyObject } from './reply-shape.ts';

/**
 * Generated scanners. Each is `scanN(p)`: `p` is where an object begins, the result is where it ends, or -1 when the text is
 * not what was asked for: another key, another order, a value of another type. They read `reply`, `b` (its bytes) and `text`,
 * and write headers to `tape` from `top` on.
 */
export function scannerOf(object: ReplyObject, checks: LeafCheck[]): Source {
  const lines: Source[] = [];
  let literal = '{';
  object.fields.forEach((field, index) => {
    if (index > 0) literal += ',';
    literal += `"${field.key}":`;
    if (field.kind === 'typename') {
      literal += `"${object.typename}"`;
      return;
    }
    lines.push(expect(literal), valueScan(field, checks), `tape[o + ${field.slot}] = p;`);
    literal = '';
  });
  return `function scan${object.id}(p) {
    const o = top;
    top += ${object.slots};
    if (top > tape.length) tape = longer(tape, top);
    tape[o + ${HEADER.next}] = 0;
    tape[o + ${HEADER.start}] = p;
    tape[o + ${HEADER.mark}] = 0;
    ${lines.join('\n')}
    ${expect(`${literal}}`)}
    return p;
  }`;
}

/** Code that passes over a text which must stand at `p`. */
export function expect(literal: string): Source {
  const bytes = [...literal].map((character, index) => `b[p + ${index}] !== ${character.charCodeAt(0)}`);
  return `if (${bytes.join(' || ')}) return -1;
    p += ${literal.length};`;
}

function valueScan(field: ReplyField, checks: LeafCheck[]): Source {
  if (field.kind === 'leaf') return leafOf(field, checks);
  const pointer = `tape[o + ${field.slot + 1}]`;
  const isNonNull = field.seenAs !== null && isNonNullType(field.seenAs);
  const nothing = isNonNull ? 'return -1;' : `${expect('null')} ${pointer} = -1;`;
  const scan = `scan${field.below?.id}`;
  if (field.kind === 'object')
    return `if (b[p] === 123) { ${pointer} = top; p = ${scan}(p); if (p < 0) return -1; } else { ${nothing} }`;
  return `if (b[p] === 91) {
      ${pointer} = 0;
      p += 1;
      if (b[p] === 93) p += 1;
      else for (let link = o + ${field.slot + 1}; ;) {
        const item = top;
        p = ${scan}(p);
        if (p < 0) return -1;
        tape[link] = item;
        link = item;
        p += 1;
        if (b[p - 1] === 93) break;
        if (b[p - 1] !== 44) return -1;
      }
    } else { ${nothing} }`;
}

function leafOf(field: ReplyField, checks: LeafCheck[]): Source {
  const check = `check${checks.push(leafCheckOf(field.seenAs)) - 1}`;
  const careful = `p = ${check}(reply, p); if (p < 0) return -1;`;
  if (!isText(field.seenAs)) return careful;
  // The end of a short string is found sooner by looking at its bytes.
  return `if (b[p] === 34 && isPlain) {
      p += 1;
      const near = p + 12;
      while (p < near && b[p] !== 34) p += 1;
      p = p < near ? p + 1 : text.indexOf('"', p) + 1;
      if (p === 0) return -1;
    } else { ${careful} }`;
}

/** The scanner of a reply of root fields: `reply(state, given)` tells whether it is what was asked for. */
export function rootReplyOf(request: number, object: ReplyObject): Source {
  return replyScanner(
    `${expect('{"data":')}
    state.at[${request}] = top;
    p = scan${object.id}(p);
    if (p < 0) return -1;`,
  );
}

/** A list of entities in a reply. */
export interface ScannedList {
  /** Its number among all lists of the operation. */
  readonly index: number;
  readonly responseKey: string;
  readonly object: ReplyObject;
}

/** The scanner of a reply of entities: as many in each list as `state.sizes` says, none of them null. */
export function entityReplyOf(firstTable: number, lists: readonly ScannedList[]): Source {
  const bodies = lists.map(
    ({ index, responseKey, object }, position) => `
    ${expect(`${position === 0 ? '{"data":{' : ','}"${responseKey}":[`)}
    const size${index} = state.sizes[${index}], table${index} = top;
    state.at[${firstTable + index}] = table${index};
    top += size${index};
    if (top > tape.length) tape = longer(tape, top);
    for (let i = 0; i < size${index}; i += 1) {
      if (i > 0) { if (b[p] !== 44) return -1; p += 1; }
      tape[table${index} + i] = top;
      p = scan${object.id}(p);
      if (p < 0) return -1;
    }
    ${expect(']')}`,
  );
  return replyScanner(`${bodies.join('\n')}\n${expect('}')}`);
}

function replyScanner(body: Source): Source {
  return `(function () {
    function read(state) {
      let p = 0;
      ${body}
      ${expect('}')}
      return p;
    }
    return function scan(state, given) {
      tape = state.tape; top = state.top; reply = given; b = given.bytes; text = given.text; isPlain = given.isPlain;
      const end = read(state);
      const isWhole = end === b.length;
      state.top = top; state.tape = tape;
      tape = reply = b = text = null;
      return isWhole;
    };
  })()`;
}
