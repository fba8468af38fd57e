import type { Route } from '../http/route.ts';
import { prices, products } from './catalog.ts';
import { customers } from './customers.ts';
import { events } from './events.ts';
import { invoiceItems } from './invoice-items.ts';
import { invoices } from './invoices.ts';
import { subscriptions } from './subscriptions.ts';

/** Every operation the sandbox serves. */
export const routes: readonly Route[] = [
  ...customers,
  ...products,
  ...prices,
  ...subscriptions,
  ...invoices,
  ...invoiceItems,
  ...events,
];
