import { AppError } from '../../lib/errors.ts';
import { isClientRefused, isServerUntrusted } from '../tls-failures.ts';

/** Protocol errors by which a broker says that we may not. https://kafka.apache.org/protocol.html#protocol_error_codes */
const UNAUTHORIZED = /^(SASL_AUTHENTICATION_FAILED|UNSUPPORTED_SASL_MECHANISM|\w+_AUTHORIZATION_FAILED)$/;

/** The facts of a kafkajs error that we look at; it wraps what it retried. */
interface KafkaFailure {
  readonly name?: string;
  readonly type?: string;
  readonly code?: unknown;
  readonly cause?: unknown;
  readonly originalError?: unknown;
}

/**
 * What a failure of kafkajs is to a caller: BUS_UNAUTHORIZED when the broker refused our name, password, certificate or
 * rights, BUS_UNTRUSTED when we refused its certificate, EVENT_INVALID for a topic that is gone, else BUS_UNAVAILABLE.
 */
export function toBusError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const failures = [...chain(error)];
  if (failures.some(({ type }) => type === 'UNKNOWN_TOPIC_OR_PARTITION'))
    return new AppError('EVENT_INVALID', 'A topic of this request is gone from the Kafka brokers.', { cause: error });
  if (failures.some(({ code }) => isServerUntrusted(code)))
    return new AppError('BUS_UNTRUSTED', 'The certificate of a Kafka broker cannot be trusted.', { cause: error });
  if (failures.some(isUnauthorized))
    return new AppError('BUS_UNAUTHORIZED', 'The Kafka brokers refused us.', { cause: error });
  return new AppError('BUS_UNAVAILABLE', 'The Kafka brokers could not serve the request.', { cause: error });
}

function isUnauthorized({ name, type, code }: KafkaFailure): boolean {
  return name === 'KafkaJSSASLAuthenticationError' || UNAUTHORIZED.test(type ?? '') || isClientRefused(code);
}

function* chain(error: unknown): Generator<KafkaFailure> {
  // As deep as kafkajs ever wraps, and no circle.
  let failure = error as KafkaFailure | undefined;
  for (let depth = 0; failure && depth < 8; depth += 1) {
    yield failure;
    failure = (failure.cause ?? failure.originalError) as KafkaFailure | undefined;
  }
}
