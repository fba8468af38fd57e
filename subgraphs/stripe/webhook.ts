import { AppError } from '../../lib/errors.ts';
import type { Service } from '../kit/service.ts';
import type { WebhookReceiver, WebhookRequest } from '../kit/webhook.ts';
import { createInboundLog } from '../kit/webhook-inbound.ts';
import type { StripeClients } from './client.ts';
import { isSigned } from './webhook/signature.ts';

/** Names are headers on the log: short, and one line. */
const NAME = /^[\x21-\x7e]{1,255}$/;

/**
 * Receives Stripe's webhooks: connection, signature over the raw bytes, and only then the JSON; durable before the 2xx.
 * Which tenant it is for is the connection's to say, never the payload's. https://docs.stripe.com/webhooks
 */
export function createWebhook({ runtime }: Service<StripeClients>): WebhookReceiver {
  const { bus, store, logger } = runtime;
  const inbound = createInboundLog({ bus, outbox: store.outbox, logger });
  return async (request) => {
    if (request.method !== 'POST') throw new AppError('METHOD_NOT_ALLOWED', 'Webhooks are received by POST.');
    const connection = runtime.connections.find('stripe', request.connection);
    if (!connection) throw new AppError('NOT_FOUND', 'There is no such Stripe connection.');
    const header = request.headers['stripe-signature'];
    if (!isSigned({ header, body: request.body, secrets: connection.webhookSecrets, now: runtime.clock.now() }))
      throw new AppError('SIGNATURE_INVALID', 'The webhook signature is missing, forged or stale.');
    const { id, type, subject } = readNames(request);
    await inbound.append({
      vendor: 'stripe',
      connection: connection.id,
      subject,
      eventId: id,
      type,
      body: request.body,
    });
    return { status: 200, body: { received: true } };
  };
}

/** What an event is called. Its object may be missing: then it is kept under its own id, and the dead letters get to say why. */
function readNames({ body }: WebhookRequest): { id: string; type: string; subject: string } {
  const event = parse(body) as { id?: unknown; type?: unknown; data?: { object?: { id?: unknown } } } | null;
  const id = nameOf(event?.id);
  if (!id) throw new AppError('BAD_REQUEST', 'The webhook is not a Stripe event.');
  return { id, type: nameOf(event?.type) ?? 'unknown', subject: nameOf(event?.data?.object?.id) ?? id };
}

function nameOf(value: unknown): string | null {
  return typeof value === 'string' && NAME.test(value) ? value : null;
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (cause) {
    throw new AppError('BAD_REQUEST', 'The webhook is not JSON.', { cause });
  }
}
