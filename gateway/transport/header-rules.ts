import { AppError } from '../../lib/errors.ts';
import { IDENTITY_HEADER } from '../../lib/subgraph-identity.ts';
import type { ClientHeaders } from '../engine.ts';

/** Which headers a subgraph gets beside those of the exchange itself. Names in any case. */
export interface HeaderRules {
  /**
   * The client's headers that are passed on: names, or patterns where `*` stands for any run of characters (`x-acme-*`).
   * `authorization` and `cookie` are passed on only where they are named in full.
   */
  readonly forward?: readonly string[];
  /** The client's headers that are passed on under another name: from → to. */
  readonly rename?: Readonly<Record<string, string>>;
  /** Sent with every request, instead of what the client may have sent under that name. */
  readonly set?: Readonly<Record<string, string>>;
}

/** Header rules made ready. Header lines are `name: value\r\n`, in Latin-1. */
export interface CompiledHeaders {
  /** Those of `set`. */
  readonly fixed: string;
  /** Those of this client that rules let through, and `extra` ones, which go before the client's. */
  of(client: ClientHeaders | undefined, extra: Readonly<Record<string, string>> | undefined): CallHeaders;
}

/** Header lines of one call. */
export interface CallHeaders {
  /** Those a subgraph may answer by. */
  readonly lines: string;
  /** Those that only tell one request from another, for traces. */
  readonly marks: string;
}

/**
 * Headers that only the exchange itself may set: those of the connection (RFC 9110 §7.6.1), of the message's framing and
 * form, our request id, and the gateway's word on who acts.
 */
const RESERVED = new Set([
  'accept',
  'accept-encoding',
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'x-request-id',
  IDENTITY_HEADER,
]);

/** W3C Trace Context: they differ with every request and mean nothing to the answer. */
const MARKS = new Set(['traceparent', 'tracestate']);

const NONE: CallHeaders = { lines: '', marks: '' };

/** Credentials: no pattern matches them. */
const SECRET = new Set(['authorization', 'cookie']);

/** RFC 9110 §5.6.2. */
const NAME = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;
/** RFC 9110 §5.5, in the one byte a character that a header has. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** A header line, or none where the value cannot stand in a header. */
export function toHeaderLine(name: string, value: string): string {
  return VALUE.test(value) ? `${name}: ${value.trim()}\r\n` : '';
}

function refuse(setting: string, detail: string): AppError {
  return new AppError('CONFIG_INVALID', `headers.${setting}: ${detail}.`, {
    extensions: { setting: `headers.${setting}` },
  });
}

function checkName(setting: string, name: string): string {
  const lower = name.toLowerCase();
  if (!NAME.test(lower)) throw refuse(setting, `"${lower.slice(0, 100)}" is no name of a header`);
  if (RESERVED.has(lower)) throw refuse(setting, `"${lower}" is set by the gateway alone`);
  return lower;
}

function toFixed(set: Readonly<Record<string, string>>): Map<string, string> {
  const lines = new Map<string, string>();
  for (const [given, value] of Object.entries(set)) {
    const name = checkName('set', given);
    if (!VALUE.test(value)) throw refuse('set', `the value of "${name}" has characters that no header may have`);
    lines.set(name, toHeaderLine(name, value));
  }
  return lines;
}

type Matches = (name: string) => boolean;

/** A pattern as a test of names: its parts in order, the first at the start, the last at the end. No name makes it slow. */
function toPattern(text: string): Matches {
  const [first = '', ...rest] = text.toLowerCase().split('*');
  const last = rest.pop() ?? '';
  return (name) => {
    let at = first.length;
    if (!name.startsWith(first)) return false;
    for (const part of rest) {
      const found = name.indexOf(part, at);
      if (found === -1) return false;
      at = found + part.length;
    }
    return name.length - last.length >= at && name.endsWith(last);
  };
}

/** Client's name → subgraph's name, of the headers named in full. */
function toNamed({ forward = [], rename = {} }: HeaderRules): Map<string, string> {
  const plain = forward.filter((name) => !name.includes('*')).map((name) => checkName('forward', name));
  const renamed = Object.entries(rename).map(
    ([from, to]) => [checkName('rename', from), checkName('rename', to)] as const,
  );
  return new Map([...plain.map((name) => [name, name] as const), ...renamed]);
}

/** Headers that the client's `Connection` names belong to its connection with us (RFC 9110 §7.6.1). */
function ofConnection(client: ClientHeaders): ReadonlySet<string> | null {
  const value = client['connection'];
  if (value === undefined) return null;
  return new Set(
    String(value)
      .toLowerCase()
      .split(/[\s,]+/),
  );
}

function toValue(name: string, value: unknown): string | null {
  if (typeof value === 'string') return value;
  return Array.isArray(value) ? value.join(name === 'cookie' ? '; ' : ', ') : null;
}

/** Makes rules ready. AppError CONFIG_INVALID with the setting for a name or value that no rule may have. */
export function compileHeaderRules(rules: HeaderRules): CompiledHeaders {
  const fixed = toFixed(rules.set ?? {});
  const named = toNamed(rules);
  const patterns = (rules.forward ?? []).filter((name) => name.includes('*')).map(toPattern);

  /** What a client's header is called towards the subgraph; undefined: it is not passed on. */
  function targetOf(name: string): string | undefined {
    const target = named.get(name);
    if (target !== undefined) return target;
    // Services behind CGI and its heirs cannot tell the two.
    const plain = name.replaceAll('_', '-');
    const isOpen = !RESERVED.has(plain) && !SECRET.has(plain) && NAME.test(name);
    return isOpen && patterns.some((matches) => matches(name)) ? name : undefined;
  }

  function passOn(client: ClientHeaders, lines: Map<string, string>): void {
    const hop = ofConnection(client);
    for (const name of patterns.length > 0 ? Object.keys(client) : named.keys()) {
      const value = toValue(name, client[name]);
      const target = value === null || hop?.has(name) ? undefined : targetOf(name);
      if (target !== undefined && !fixed.has(target) && !lines.has(target))
        lines.set(target, toHeaderLine(target, value ?? ''));
    }
  }

  return {
    fixed: [...fixed.values()].join(''),
    of(client, extra) {
      if (!extra && (!client || (named.size === 0 && patterns.length === 0))) return NONE;
      const lines = new Map<string, string>();
      for (const [given, value] of Object.entries(extra ?? {})) {
        const name = given.toLowerCase();
        if (NAME.test(name) && !RESERVED.has(name) && !fixed.has(name)) lines.set(name, toHeaderLine(name, value));
      }
      if (client) passOn(client, lines);
      return toCallHeaders(lines);
    },
  };
}

function toCallHeaders(given: ReadonlyMap<string, string>): CallHeaders {
  let [lines, marks] = ['', ''];
  for (const [name, line] of given) {
    if (MARKS.has(name)) marks += line;
    else lines += line;
  }
  return { lines, marks };
}
