const TOKENS = /"(?:[^"\\]|\\.)*"|[{}[\]:,]/g;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Whether some object in valid JSON text names a member twice, in whatever spelling (`"exp"` and `"\u0065xp"`).
 * `JSON.parse` keeps the last one and others keep the first, so that two readers of one token would disagree.
 */
function hasDuplicateMember(json: string): boolean {
  const open: (Set<string> | null)[] = [];
  let text = '';
  for (const [token] of json.matchAll(TOKENS)) {
    if (token === '{') open.push(new Set());
    else if (token === '[') open.push(null);
    else if (token === '}' || token === ']') open.pop();
    else if (token.startsWith('"')) text = token;
    else if (token === ':') {
      const members = open.at(-1);
      const name: string = JSON.parse(text);
      if (members?.has(name)) return true;
      members?.add(name);
    }
  }
  return false;
}

/**
 * The JSON object in base64url text, as RFC 8725 §2.4 and RFC 7493 want it: UTF-8 without a byte order mark, no member twice.
 * Throws SyntaxError or TypeError when it is anything else.
 */
export function parseJsonPart(base64url: string): Record<string, unknown> {
  const json = utf8.decode(Buffer.from(base64url, 'base64url'));
  const value: unknown = JSON.parse(json);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TypeError('not a JSON object');
  if (hasDuplicateMember(json)) throw new TypeError('a member occurs twice');
  return value as Record<string, unknown>;
}
