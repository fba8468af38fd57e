/** A parameter of the API: nested maps and lists; null unsets; undefined is left out. */
export type FormParameter =
  | string
  | number
  | boolean
  | null
  | undefined
  | readonly FormParameter[]
  | { readonly [name: string]: FormParameter };

/** Parameters as Stripe reads them: form-encoded, nesting in brackets. https://docs.stripe.com/api */
export function encodeForm(parameters: { readonly [name: string]: FormParameter }): string {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) append(form, name, value);
  return form.toString();
}

function append(form: URLSearchParams, name: string, value: FormParameter): void {
  if (value === undefined) return;
  if (value === null || typeof value !== 'object') form.append(name, value === null ? '' : String(value));
  else for (const [key, inner] of Object.entries(value)) append(form, `${name}[${key}]`, inner);
}
