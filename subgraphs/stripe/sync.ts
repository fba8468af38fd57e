import { consume } from '../kit/consume.ts';
import type { Running, Service } from '../kit/service.ts';
import type { StripeClients } from './client.ts';
import { CONSUMER, handleInbound } from './sync/handle-inbound.ts';

export { resync } from './sync/resync.ts';

/** Reads `stripe.inbound` into the mirror; what nobody here understands goes to its dead letters. */
export async function startSync(service: Service<StripeClients>): Promise<Running> {
  return consume(service.runtime, {
    group: CONSUMER,
    topics: ['stripe.inbound'],
    handler: (record) => handleInbound(service, record),
  });
}
