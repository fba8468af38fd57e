import type { UserErrors } from './user-errors.ts';

/** How a text of an input is taken. Lengths count UTF-16 units. */
export interface TextRule {
  /** @default 200 */
  readonly max?: number;
  readonly required?: boolean;
  /** Text that does not match is INVALID, with `expected` in the message. */
  readonly pattern?: RegExp;
  readonly expected?: string;
}

const DEFAULT_MAX = 200;

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for; tab and line breaks may stay
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;

/** Half of a character: cannot be written as UTF-8. */
const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * A text of an input, trimmed; empty counts as null. What does not fit adds a user error at `path` and gives null.
 */
export function readText(value: unknown, path: string, rule: TextRule, errors: UserErrors): string | null {
  const text = typeof value === 'string' ? value.trim() : '';
  if (text === '') {
    if (rule.required) errors.add('REQUIRED', path, 'This must not be empty.');
    return null;
  }
  const max = rule.max ?? DEFAULT_MAX;
  if (text.length > max) errors.add('TOO_LONG', path, `This may have at most ${max} characters.`);
  else if (CONTROL.test(text) || LONE_SURROGATE.test(text))
    errors.add('INVALID', path, 'This has characters that are no text.');
  else if (rule.pattern && !rule.pattern.test(text)) errors.add('INVALID', path, `This must be ${rule.expected}.`);
  else return text;
  return null;
}
