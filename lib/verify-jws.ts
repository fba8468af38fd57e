import { compactVerify } from 'jose';
import { isCompactJws, splitJws } from './compact-jws.ts';
import type { FindKey } from './key-set.ts';
import { parseJsonPart } from './strict-json.ts';

/** Header members that change what the payload is or how it is read: none of ours has them (RFC 8725 §2.8, §3.10). */
const FORBIDDEN_MEMBERS = ['crit', 'b64', 'cty', 'zip', 'enc', 'p2c', 'p2s'];
const MAX_KID_LENGTH = 256;

function checkHeader({ alg, kid, ...others }: Record<string, unknown>, algorithms: readonly unknown[]): void {
  if (!algorithms.includes(alg)) throw new TypeError('alg is not allowed');
  const isKid = typeof kid === 'string' && kid !== '' && kid.length <= MAX_KID_LENGTH;
  if (kid !== undefined && !isKid) throw new TypeError('kid shape');
  const forbidden = FORBIDDEN_MEMBERS.find((member) => member in others);
  if (forbidden) throw new TypeError(`header member ${forbidden}`);
}

/**
 * Header of a signed text, and its payload still in base64url, once the signature holds. Form and header are judged before a key
 * is looked up for them; `jku`, `x5u`, `jwk` and `x5c` are never read. Throws Error otherwise, and whatever `findKey` throws.
 */
export async function verifyJws(
  text: string,
  options: { algorithms: readonly string[]; findKey: FindKey },
): Promise<{ header: Record<string, unknown>; payload: string }> {
  if (!isCompactJws(text)) throw new TypeError('not a compact JWS');
  const parts = splitJws(text);
  const header = parseJsonPart(parts.header);
  checkHeader(header, options.algorithms);
  await compactVerify(text, (found) => options.findKey(found), { algorithms: [...options.algorithms] });
  return { header, payload: parts.payload };
}
