import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import type { VendorSpec } from './vendor-spec.ts';

type Json = Record<string, unknown>;

/** What is wrong with an exchange, by the vendor's document; empty when nothing is. */
export type Verdict = readonly string[];

interface Operation {
  readonly parameters?: readonly Json[];
  readonly requestBody?: Json;
  readonly responses: Readonly<Record<string, Json>>;
}

/** Judges requests and answers by an OpenAPI 3.0 document. */
export interface SpecJudge {
  /** Query or form parameters, decoded: names, types, values; unknown ones are wrong. */
  request(method: string, path: string, parameters: unknown): Verdict;
  answer(method: string, path: string, status: number, body: unknown): Verdict;
}

/** A judge over a part of Stripe's document. */
export function createSpecJudge(spec: VendorSpec): SpecJudge {
  const strict = { strict: false, validateFormats: false, allErrors: true, logger: false } as const;
  const [answers, requests] = [new Ajv(strict), new Ajv({ ...strict, coerceTypes: true })];
  for (const ajv of [answers, requests]) ajv.addSchema({ $id: 'spec', components: toJsonSchema(spec.components) });
  const compiled = new Map<string, ValidateFunction>();
  const check = (name: string, ajv: Ajv, schema: unknown, value: unknown): Verdict => {
    const validate = compiled.get(name) ?? ajv.compile(toJsonSchema(schema) as Json);
    compiled.set(name, validate);
    return validate(value) ? [] : (validate.errors ?? []).map(describe);
  };
  const find = (method: string, path: string) => {
    const template = Object.keys(spec.paths).find((one) => toPattern(one).test(path)) ?? '';
    const operation = spec.paths[template]?.[method.toLowerCase()];
    if (!operation) throw new Error(`The document has no ${method} ${path}.`);
    return { name: `${method} ${template}`, ...(operation as unknown as Operation) };
  };
  return {
    request: (method, path, parameters) => {
      const { name, requestBody, parameters: query } = find(method, path);
      return check(name, requests, method === 'GET' ? querySchema(query) : contentSchema(requestBody), parameters);
    },
    answer: (method, path, status, body) => {
      const { name, responses } = find(method, path);
      const shape = responses[String(status)] ? String(status) : 'default';
      return check(`${name} ${shape}`, answers, contentSchema(responses[shape]), body);
    },
  };
}

function toPattern(path: string): RegExp {
  return new RegExp(`^${path.replace(/\{[^}]+\}/g, '[^/]+')}$`);
}

function contentSchema(holder: Json | undefined): unknown {
  const [content] = Object.values((holder?.['content'] ?? {}) as Record<string, { schema: unknown }>);
  return content?.schema ?? {};
}

function querySchema(parameters: readonly Json[] = []): Json {
  const query = parameters.filter((one) => one['in'] === 'query');
  const properties = Object.fromEntries(query.map((one) => [String(one['name']), one['schema']]));
  return { type: 'object', properties, additionalProperties: false };
}

/** OpenAPI 3.0's `nullable` as JSON Schema says it, and references as into the one document. */
function toJsonSchema(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toJsonSchema);
  if (value === null || typeof value !== 'object') return value;
  const { nullable, $ref, ...rest } = value as Json;
  if (typeof $ref === 'string') return { $ref: `spec${$ref}` };
  const schema = Object.fromEntries(Object.entries(rest).map(([name, inner]) => [name, toJsonSchema(inner)]));
  return nullable === true ? { anyOf: [schema, { type: 'null' }] } : schema;
}

function describe({ instancePath, message, params }: ErrorObject): string {
  return `${instancePath} ${message} ${JSON.stringify(params)}`;
}
