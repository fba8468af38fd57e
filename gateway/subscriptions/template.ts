import { AppError } from '../../lib/errors.ts';
import type { Identity } from '../../lib/identity.ts';

/** What templates of one subscription may speak of. */
export interface TemplateScope {
  /** The field's arguments, coerced; nested inputs by path (`args.where.id`). */
  readonly args: Readonly<Record<string, unknown>>;
  /** Claims of the caller's token; none for an anonymous caller. */
  readonly claims: Readonly<Record<string, unknown>>;
}

/** A value as filters and topics compare it: text, or null. */
export type Text = string | null;

/** What a template stands for: the values of it (a list expands to its members), or what was absent. */
export type Rendered =
  | { readonly values: readonly Text[]; readonly absent?: never }
  | { readonly values?: never; readonly absent: 'args' | 'claims' };

const PLACEHOLDER = /\{\{\s*(args|claims)((?:\.[A-Za-z_]\w*)+)\s*\}\}/g;

/** The claims that templates may name: `sub`, `tenant`, `roles` and `scope` (both lists). */
export function toClaims(identity: Identity | null): Record<string, unknown> {
  if (!identity) return {};
  return { sub: identity.subject, tenant: identity.tenant, roles: identity.roles, scope: identity.scopes };
}

/** AppError SUPERGRAPH_INVALID when `template` holds braces that are neither `{{ args.… }}` nor `{{ claims.… }}`. */
export function checkTemplate(template: string): void {
  if (!/\{\{|\}\}/.test(template.replaceAll(PLACEHOLDER, ''))) return;
  throw new AppError('SUPERGRAPH_INVALID', `The template "${template}" names neither args nor claims.`);
}

/** The value at a path of own properties; undefined when a step is missing. */
export function valueAt(root: unknown, path: readonly string[]): unknown {
  let value = root;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, step))
      return undefined;
    value = (value as Record<string, unknown>)[step];
  }
  return value;
}

/** A scalar as text, so that the ID argument `"1"` meets the payload's number 1; undefined for objects and lists. */
export function toText(value: unknown): Text | undefined {
  if (value === null || typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

function membersOf(value: unknown): Text[] {
  return (Array.isArray(value) ? value : [value]).map(toText).filter((text) => text !== undefined);
}

/**
 * Fills in a template. A text without placeholders stands for itself; a placeholder alone for its value, or for the members
 * of its list; placeholders within text for every combination. An argument that is absent or null makes the whole absent.
 */
export function render(template: string, scope: TemplateScope): Rendered {
  let combinations: Text[] = [''];
  let end = 0;
  for (const match of template.matchAll(PLACEHOLDER)) {
    const [whole, root = 'args', path = ''] = match;
    const value = valueAt(root === 'args' ? scope.args : scope.claims, path.slice(1).split('.'));
    if (value === undefined || value === null) return { absent: root === 'args' ? 'args' : 'claims' };
    if (whole === template) return { values: membersOf(value) };
    const before = template.slice(end, match.index);
    combinations = combinations.flatMap((text) => membersOf(value).map((member) => `${text}${before}${member ?? ''}`));
    end = match.index + whole.length;
  }
  return { values: combinations.map((text) => `${text}${template.slice(end)}`) };
}
