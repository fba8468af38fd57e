import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { gatewayConfigJsonSchema } from '../../../gateway/config/json-schema.ts';
import { GATEWAY_CONFIG } from '../../../gateway/config/schema.ts';

const schema = gatewayConfigJsonSchema();

describe('schema/gateway-config.schema.json', () => {
  it('is what the gateway checks (after a change: vitest --update on this file)', async () => {
    await expect(`${JSON.stringify(schema, null, 2)}\n`).toMatchFileSnapshot(
      '../../../schema/gateway-config.schema.json',
    );
  });

  it.each([
    ['an empty file', {}],
    ['traffic without a breaker', { traffic: { breaker: false, retry: { attempts: 1 } } }],
    ['a subgraph elsewhere', { subgraphs: { a: { url: 'http://127.0.0.1:1/', timeoutMs: 5 } } }],
    ['APQ switched off', { apq: false }],
    ['an unknown key', { limits: { depht: 1 } }],
    ['a text for a number', { limits: { depth: '1' } }],
    ['a word that is none of those', { authorization: 'ask' }],
    ['a list', []],
  ])('tells an editor of %s what the gateway would say', (_, config) => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    expect(ajv.validate(schema as object, config)).toBe(GATEWAY_CONFIG.safeParse(config).success);
  });
});
