import { mapCustomer } from './customer.ts';
import { mapInvoice } from './invoice.ts';
import type { Mapped, Noun } from './mapped.ts';
import { mapSubscription } from './subscription.ts';

export { ACCOUNT_KEY } from './customer.ts';
export { type EventMeaning, meaningOf } from './event-meaning.ts';
export { type Mapped, type Noun, stripeId } from './mapped.ts';
export { sumByCurrency, toMoney } from './money.ts';
export { readObject } from './read.ts';
export { eventObject } from './vendor-objects.ts';

const MAPPERS = { customer: mapCustomer, subscription: mapSubscription, invoice: mapInvoice };

/** Whether objects of this kind are mirrored. */
export function isMirrored(object: unknown): object is Noun {
  return typeof object === 'string' && Object.hasOwn(MAPPERS, object);
}

/** An object of a connection as the mirror takes it. Pure. AppError EVENT_INVALID when it cannot be read. */
export function mapObject(noun: Noun, connection: string, json: unknown): Mapped {
  return MAPPERS[noun](connection, json);
}
