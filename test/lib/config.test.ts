import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadConfig, VARIABLES } from '../../lib/config.ts';

const names = Object.keys(VARIABLES) as (keyof typeof VARIABLES)[];

/** A value each variable refuses; variables that take any text have none. */
const WRONG: Partial<Record<keyof typeof VARIABLES, readonly string[]>> = {
  NODE_ENV: ['prod', 'Production', ' '],
  PORT: ['-1', '65536', '80.5', 'http', '4000x', 'NaN', ' ', '0x10', '1e3'],
  LOG_LEVEL: ['trace', 'WARN'],
  MONGODB_URI: ['localhost:27017', 'http://db', ' mongodb://db'],
  KAFKA_BROKERS: ['broker', 'broker:9092,', 'a:1, b:2', 'a:b', 'kafka://a:1'],
  EXPLORER: ['yes', 'true'],
  OIDC_ISSUER: ['issuer', '//issuer.example', 'issuer.example/oidc', 'ftp://issuer.example'],
  DEFAULT_TENANT: ['Acme', 'a b', 'a'.repeat(64), 'acme\n', '../acme'],
  STRIPE_API_KEY: ['pk_live_1', 'secret'],
  STRIPE_API_URL: ['api.stripe.com', 'javascript:1'],
  STRIPE_WEBHOOK_SECRET: [',', 'secret', 'whsec_a,secret'],
};

describe('loadConfig', () => {
  it('needs nothing: the defaults run the whole of Tributary on this machine', () => {
    expect(loadConfig({})).toMatchObject({
      NODE_ENV: 'development',
      PORT: 4_000,
      HOST: '127.0.0.1',
      DATA_DIR: '.data',
      LOG_LEVEL: 'warn',
      OIDC_AUDIENCE: 'tributary',
      DEFAULT_TENANT: 'acme',
    });
  });

  it('takes an empty variable as an absent one', () => {
    const empty = Object.fromEntries(names.map((name) => [name, '']));
    expect(loadConfig(empty)).toEqual(loadConfig({}));
  });

  it.each<[keyof typeof VARIABLES, string, unknown]>([
    ['PORT', '0', 0],
    ['PORT', '65535', 65_535],
    ['KAFKA_BROKERS', 'a:9092,b:9093', ['a:9092', 'b:9093']],
    ['MONGODB_URI', 'mongodb+srv://db.example/x', 'mongodb+srv://db.example/x'],
    ['STRIPE_WEBHOOK_SECRET', ' whsec_a, whsec_b ,', ['whsec_a', 'whsec_b']],
    ['OIDC_ISSUER', 'https://issuer.example/realms/one', 'https://issuer.example/realms/one'],
    ['EXPLORER', 'off', 'off'],
  ])('reads %s=%s', (name, text, value) => {
    expect(loadConfig({ [name]: text })[name]).toEqual(value);
  });

  it.each(Object.entries(WRONG).flatMap(([name, texts]) => texts.map((text) => [name, text] as const)))(
    'names %s, and what it expects, when it is %j',
    (name, text) => {
      const refused = expect.objectContaining({
        code: 'CONFIG_INVALID',
        message: `${name} must be ${VARIABLES[name as keyof typeof VARIABLES].expected}.`,
        extensions: { variable: name },
      });
      expect(() => loadConfig({ [name]: text })).toThrow(refused);
    },
  );

  it('never shows a value that it refuses, nor keeps it in the error', () => {
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.stringMatching(/^[a-z]{12,30}$/), (name, text) => {
        const secret = `canary-${text}-canary`;
        try {
          loadConfig({ [name]: secret });
        } catch (error) {
          const { message, stack, cause, extensions } = error as Error & { extensions: object };
          expect(JSON.stringify([message, stack, String(cause), extensions])).not.toContain('canary');
        }
      }),
    );
  });

  it('does not read what it does not know', () => {
    expect(loadConfig({ SOMETHING_ELSE: 'x' })).toEqual(loadConfig({}));
  });

  it.each(names)('describes %s in a sentence', (name) => {
    expect(name).toMatch(/^[A-Z]+(_[A-Z]+)*$/);
    expect(VARIABLES[name].about).toMatch(/^[A-Z`].*\.$/s);
    expect(VARIABLES[name].expected).not.toMatch(/\.$/);
  });
});
