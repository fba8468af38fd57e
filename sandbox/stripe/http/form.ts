import { StripeFailure } from '../failure.ts';

/** Decoded parameters: text, lists and maps (without prototype), nested. */
export type FormValue = string | FormValue[] | { [name: string]: FormValue };

/** Parameters deeper than this are refused. */
const MAX_DEPTH = 8;

/**
 * Decodes `a[b][0]=c` as Stripe does: brackets nest, maps whose names are 0, 1, 2… and `[]` become lists.
 * https://docs.stripe.com/api
 */
export function decodeForm(text: string): { [name: string]: FormValue } {
  const root: { [name: string]: FormValue } = Object.create(null);
  for (const [name, value] of new URLSearchParams(text)) put(root, toPath(name), value);
  return toLists(root) as { [name: string]: FormValue };
}

function toPath(name: string): string[] {
  const [head = '', ...rest] = name.split('[');
  const path = [head, ...rest.map((part) => part.replace(/\]$/, ''))];
  if (head === '' || path.length > MAX_DEPTH)
    throw new StripeFailure(400, `Invalid parameter name: ${name.slice(0, 100)}`);
  return path;
}

function put(root: { [name: string]: FormValue }, path: readonly string[], value: string): void {
  let node = root;
  for (const [depth, part] of path.entries()) {
    const name = part === '' ? String(Object.keys(node).length) : part;
    if (depth === path.length - 1) {
      node[name] = value;
      return;
    }
    const next = node[name];
    if (typeof next === 'string') throw new StripeFailure(400, `Invalid ${path[0]}: both a value and a map.`);
    node[name] = (next as typeof node | undefined) ?? Object.create(null);
    node = node[name] as typeof node;
  }
}

function toLists(value: FormValue): FormValue {
  if (typeof value === 'string' || Array.isArray(value)) return value;
  const names = Object.keys(value);
  if (names.length > 0 && names.every((name, index) => name === String(index)))
    return names.map((name) => toLists(value[name] as FormValue));
  for (const name of names) value[name] = toLists(value[name] as FormValue);
  return value;
}
