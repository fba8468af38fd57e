import { z } from 'zod';
import { AppError } from './errors.ts';

const port = z
  .union([
    z.number(),
    z
      .string()
      .regex(/^\d{1,5}$/)
      .transform(Number),
  ])
  .pipe(z.number().int().min(0).max(65_535));
const url = z.url({ protocol: /^https?$/ });
const secrets = z
  .string()
  .transform((list) =>
    list
      .split(',')
      .map((secret) => secret.trim())
      .filter(Boolean),
  )
  .pipe(z.array(z.string().startsWith('whsec_')).min(1));

/** `name=value`, at the first equals sign. */
function splitPair(text: string): [string, string] {
  const at = text.indexOf('=');
  return [text.slice(0, at), text.slice(at + 1)];
}

/** One environment variable: its shape, what the shape is called in an error, and its line in docs/configuration.md. */
interface Variable<Schema extends z.ZodType = z.ZodType> {
  readonly schema: Schema;
  readonly expected: string;
  readonly about: string;
}

function variable<Schema extends z.ZodType>(schema: Schema, expected: string, about: string): Variable<Schema> {
  return { schema, expected, about };
}

/** Every variable Tributary reads. docs/configuration.md is tested against it. */
export const VARIABLES = {
  NODE_ENV: variable(
    z.enum(['development', 'production', 'test']).default('development'),
    'development, production or test',
    '`production` refuses development identities, keys and sandboxes.',
  ),
  PORT: variable(port.default(4000), 'a port from 0 to 65535', 'Where the gateway listens.'),
  HOST: variable(z.string().min(1).default('127.0.0.1'), 'a host name or address', 'The interface the gateway binds.'),
  TLS_CERT: variable(
    z.string().min(1).optional(),
    'a PEM file',
    'The certificate, with its chain, that the gateway serves https with; read again when the file changes. Goes with `TLS_KEY`.',
  ),
  TLS_KEY: variable(z.string().min(1).optional(), 'a PEM file', 'The private key of `TLS_CERT`.'),
  HTTP_REDIRECT_PORT: variable(
    port.optional(),
    'a port from 0 to 65535',
    'Where plain http is answered with a redirect to https. None unless told; needs `TLS_CERT`.',
  ),
  HSTS: variable(
    z.enum(['on', 'subdomains', 'off']).default('on'),
    'on, subdomains or off',
    'Over https, tells browsers to come by https only for a year: to this host, or to all hosts below it too.',
  ),
  DATA_DIR: variable(z.string().min(1).default('.data'), 'a folder', 'Embedded store, log, keys and sandboxes.'),
  LOG_LEVEL: variable(
    z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('warn'),
    'debug, info, warn, error or silent',
    'How much is logged, as JSON lines on standard error.',
  ),
  LOG_OPERATIONS: variable(
    z.enum(['none', 'slow', 'all']).default('none'),
    'none, slow or all',
    'A line in the log for each operation, or for those that take a second or more. `LOG_LEVEL` must let info through.',
  ),
  METRICS_PORT: variable(
    port.optional(),
    'a port from 0 to 65535',
    'Where the gateway serves metrics to Prometheus, at `/metrics`, to whoever reaches the port.',
  ),
  METRICS_HOST: variable(
    z.string().min(1).default('127.0.0.1'),
    'a host name or address',
    'The interface of `METRICS_PORT`.',
  ),
  OTEL_EXPORTER_OTLP_ENDPOINT: variable(
    url.optional(),
    'a URL',
    'The collector that gets traces and metrics, as JSON over HTTP. Absent: nothing is sent.',
  ),
  OTEL_EXPORTER_OTLP_HEADERS: variable(
    z
      .string()
      .regex(/^\s*[\w!#$%&'*+.^`|~-]+\s*=[^,=]*(,\s*[\w!#$%&'*+.^`|~-]+\s*=[^,=]*)*$/)
      .transform((list) => Object.fromEntries(list.split(',').map(splitPair)))
      .optional(),
    'name=value[,name=value…]',
    'Headers that the collector wants with each export, such as a key. Values are percent-encoded.',
  ),
  OTEL_SERVICE_NAME: variable(
    z.string().min(1).default('tributary-gateway'),
    'a text',
    'By what name traces and metrics know the gateway.',
  ),
  OTEL_TRACES_SAMPLER_ARG: variable(
    z
      .string()
      .regex(/^(0(\.\d+)?|1(\.0+)?)$/)
      .transform(Number)
      .optional(),
    'a number from 0 to 1',
    'The share of operations that is traced where the client’s `traceparent` does not say. Absent, all.',
  ),
  MONGODB_URI: variable(
    z
      .string()
      .regex(/^mongodb(\+srv)?:\/\//)
      .optional(),
    'a mongodb:// or mongodb+srv:// URI',
    'A real MongoDB instead of the embedded store. Must be a replica set.',
  ),
  KAFKA_BROKERS: variable(
    z
      .string()
      .regex(/^[^\s,:]+:\d+(,[^\s,:]+:\d+)*$/)
      .transform((list) => list.split(','))
      .optional(),
    'host:port[,host:port…]',
    'Real Kafka instead of the embedded log.',
  ),
  KAFKA_TLS: variable(z.enum(['on', 'off']).default('off'), 'on or off', 'TLS to the Kafka brokers.'),
  KAFKA_CA: variable(
    z.string().min(1).optional(),
    'a PEM file',
    'The authorities that vouch for the Kafka brokers. Absent, those that Node knows.',
  ),
  KAFKA_CERT: variable(z.string().min(1).optional(), 'a PEM file', 'Our certificate to brokers that ask for one.'),
  KAFKA_KEY: variable(z.string().min(1).optional(), 'a PEM file', 'The private key of `KAFKA_CERT`.'),
  KAFKA_SASL: variable(
    z.enum(['plain', 'scram-sha-256', 'scram-sha-512']).optional(),
    'plain, scram-sha-256 or scram-sha-512',
    'How we sign in to the Kafka brokers. `plain` needs `KAFKA_TLS`.',
  ),
  KAFKA_USERNAME: variable(z.string().min(1).optional(), 'a text', 'Who signs in by `KAFKA_SASL`.'),
  KAFKA_PASSWORD: variable(z.string().min(1).optional(), 'a text', 'The password of `KAFKA_USERNAME`.'),
  RABBITMQ_URL: variable(
    z
      .string()
      .regex(/^amqps?:\/\/[^\s]+$/)
      .optional(),
    'an amqp:// or amqps:// URL',
    'Real RabbitMQ instead of the embedded log. Not together with `KAFKA_BROKERS`.',
  ),
  RABBITMQ_CA: variable(
    z.string().min(1).optional(),
    'a PEM file',
    'The authorities that vouch for RabbitMQ. Absent, those that Node knows.',
  ),
  RABBITMQ_CERT: variable(z.string().min(1).optional(), 'a PEM file', 'Our certificate, if RabbitMQ asks for one.'),
  RABBITMQ_KEY: variable(z.string().min(1).optional(), 'a PEM file', 'The private key of `RABBITMQ_CERT`.'),
  EXPLORER: variable(
    z.enum(['on', 'off']).optional(),
    'on or off',
    'The explorer at `/`. On unless told otherwise, off in production.',
  ),
  OIDC_ISSUER: variable(
    url.optional(),
    'a URL',
    'The identity provider whose tokens are accepted, instead of the development one.',
  ),
  OIDC_AUDIENCE: variable(z.string().min(1).default('tributary'), 'a text', 'The audience a token must name.'),
  OIDC_TOKEN_TYPE: variable(
    z.enum(['at+jwt', 'jwt']).default('at+jwt'),
    'at+jwt or jwt',
    'The `typ` of access tokens. `at+jwt` is RFC 9068; some providers still send `JWT`.',
  ),
  DEFAULT_TENANT: variable(
    z
      .string()
      .regex(/^[a-z0-9-]{1,63}$/)
      .default('acme'),
    'lower-case letters, digits and hyphens',
    'The tenant of `/webhooks/<vendor>` without a connection.',
  ),
  SANDBOX_PORT: variable(
    port.default(4100),
    'a port from 0 to 65535',
    'Where the vendor sandboxes listen, a port each from here on; 0 takes any free ones.',
  ),
  STRIPE_API_KEY: variable(
    z
      .string()
      .regex(/^[rs]k_/)
      .optional(),
    'a key that begins with sk_ or rk_',
    'A real Stripe account instead of the sandbox.',
  ),
  STRIPE_API_URL: variable(
    url.optional(),
    'a URL',
    'Where the Stripe API answers, when not at Stripe nor in the sandbox.',
  ),
  STRIPE_WEBHOOK_SECRET: variable(
    secrets.optional(),
    'whsec_…[,whsec_…]',
    'Signing secrets of the Stripe webhook endpoint, all of them valid.',
  ),
  CURSOR_SECRET: variable(
    z.string().min(32).optional(),
    'a text of 32 characters or more',
    'Signs the cursors of subscriptions. Gateways that share clients must share it; absent, it is kept in the data folder.',
  ),
  SUBGRAPH_URLS: variable(
    z
      .string()
      .regex(/^[\w-]+=https?:\/\/[^\s,]+(,[\w-]+=https?:\/\/[^\s,]+)*$/)
      .transform((list) => Object.fromEntries(list.split(',').map(splitPair)))
      .optional(),
    'name=URL[,name=URL…]',
    'Where subgraph processes answer, when not at the routing URLs of the supergraph.',
  ),
  SUBGRAPH_CA: variable(
    z.string().min(1).optional(),
    'a PEM file',
    'The authorities that vouch for subgraphs over https. Absent, those that Node knows.',
  ),
  SUBGRAPH_CERT: variable(z.string().min(1).optional(), 'a PEM file', 'Our certificate to subgraphs that ask for one.'),
  SUBGRAPH_KEY: variable(z.string().min(1).optional(), 'a PEM file', 'The private key of `SUBGRAPH_CERT`.'),
  SUBGRAPH_IDENTITY_KEY: variable(
    z.string().min(1).optional(),
    'a private Ed25519 key as JWK',
    'Signs the gateway’s identity to subgraphs. Required in production when they are apart.',
  ),
} satisfies Record<string, Variable>;

type Variables = typeof VARIABLES;

/** The configuration, by variable name, typed and with defaults filled in. */
export type Config = { readonly [Name in keyof Variables]: z.output<Variables[Name]['schema']> };

/**
 * Reads the configuration. An empty variable counts as absent.
 * AppError CONFIG_INVALID names the variable and what was expected, never the value: it may be a secret.
 */
export function loadConfig(env: Readonly<Record<string, string | undefined>> = process.env): Config {
  const entries = Object.entries(VARIABLES).map(([name, { schema, expected }]) => {
    const raw = env[name];
    const parsed = schema.safeParse(raw === '' ? undefined : raw);
    if (!parsed.success)
      throw new AppError('CONFIG_INVALID', `${name} must be ${expected}.`, { extensions: { variable: name } });
    return [name, parsed.data];
  });
  return Object.fromEntries(entries) as Config;
}
