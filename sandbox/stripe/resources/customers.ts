import { z } from 'zod';
import { expandable, isCreatedWithin, mergeMetadata, metadata, paging, text } from '../http/parameters.ts';
import { type Route, route } from '../http/route.ts';
import { buildCustomer, type Customer } from '../objects/customer.ts';
import type { Subscription } from '../objects/subscription.ts';
import { cancel } from './subscription-life.ts';

const fields = {
  ...expandable,
  name: text.optional(),
  email: text.max(512).optional(),
  description: text.optional(),
  phone: text.max(20).optional(),
  metadata: metadata.optional(),
  payment_method: text.optional(),
  invoice_settings: z.strictObject({ default_payment_method: text.optional() }).optional(),
};

/** https://docs.stripe.com/api/customers */
export const customers: readonly Route[] = [
  route('POST', '/v1/customers', z.strictObject(fields), (desk, given) =>
    desk.add(
      buildCustomer({
        ...given,
        id: desk.newId('cus'),
        created: desk.now,
        metadata: mergeMetadata({}, given.metadata),
        paymentMethod: given.invoice_settings?.default_payment_method ?? given.payment_method,
      }),
      'customer.created',
    ),
  ),
  route('GET', '/v1/customers', z.strictObject({ ...paging, email: text.optional() }), (desk, given) =>
    desk.page<Customer>('customer', given, {
      url: '/v1/customers',
      where: ({ created, email }) =>
        isCreatedWithin(created, given.created) && (given.email === undefined || email === given.email),
    }),
  ),
  route('GET', '/v1/customers/:id', z.strictObject(expandable), (desk, _given, id) => {
    const customer = desk.find<Customer>('customer', id);
    return customer?.['deleted'] === true ? toDeleted(id) : desk.need<Customer>('customer', id);
  }),
  route('POST', '/v1/customers/:id', z.strictObject(fields), (desk, given, id) => {
    const customer = desk.need<Customer>('customer', id);
    const { payment_method: _attached, invoice_settings: settings, expand: _expand, ...rest } = given;
    const texts = Object.entries(rest).filter(([name]) => name !== 'metadata');
    return desk.change(
      customer,
      {
        ...customer,
        ...Object.fromEntries(texts.map(([name, value]) => [name, value === '' ? null : value])),
        metadata: mergeMetadata(customer.metadata, given.metadata),
        invoice_settings: { ...customer.invoice_settings, ...settings },
      } as Customer,
      'customer.updated',
    );
  }),
  route('DELETE', '/v1/customers/:id', z.strictObject(expandable), (desk, _given, id) => {
    const customer = desk.need<Customer>('customer', id);
    const scope = `customer:${id}`;
    const { data } = desk.page<Subscription>('subscription', { limit: 100 }, { url: '', scope });
    for (const subscription of data) if (subscription.status !== 'canceled') cancel(desk, subscription);
    desk.change(customer, { ...customer, deleted: true }, 'customer.deleted');
    return toDeleted(id);
  }),
];

function toDeleted(id: string) {
  return { id, object: 'customer', deleted: true };
}
