import { z } from 'zod';
import { StripeFailure } from '../failure.ts';
import {
  expandable,
  flag,
  integer,
  isCreatedWithin,
  mergeMetadata,
  metadata,
  paging,
  text,
} from '../http/parameters.ts';
import { type Route, route } from '../http/route.ts';
import { buildPrice, buildProduct, type Price, type Product } from '../objects/catalog.ts';

const currency = z
  .string()
  .regex(/^[a-zA-Z]{3}$/)
  .transform((code) => code.toLowerCase());
const recurring = z.strictObject({
  interval: z.enum(['day', 'week', 'month', 'year']),
  interval_count: integer.pipe(z.number().min(1).max(1_095)).optional(),
});
const productFields = {
  ...expandable,
  description: text.optional(),
  active: flag.optional(),
  metadata: metadata.optional(),
};
const priceFields = z.strictObject({
  ...expandable,
  currency,
  product: text,
  unit_amount: integer.pipe(z.number().min(0)),
  nickname: text.optional(),
  recurring: recurring.optional(),
  metadata: metadata.optional(),
});

/** https://docs.stripe.com/api/products */
export const products: readonly Route[] = [
  route(
    'POST',
    '/v1/products',
    z.strictObject({ ...productFields, name: text.min(1), id: text.optional() }),
    (desk, given) => {
      const id = given.id ?? desk.newId('prod');
      if (desk.find('product', id))
        throw new StripeFailure(400, 'Product already exists.', { code: 'resource_already_exists', param: 'id' });
      return desk.add(buildProduct({ ...given, id, created: desk.now }), 'product.created');
    },
  ),
  route('GET', '/v1/products', z.strictObject({ ...paging, active: flag.optional() }), (desk, given) =>
    desk.page<Product>('product', given, {
      url: '/v1/products',
      where: ({ created, active }) =>
        isCreatedWithin(created, given.created) && (given.active === undefined || active === given.active),
    }),
  ),
  route('GET', '/v1/products/:id', z.strictObject(expandable), (desk, _given, id) => desk.need<Product>('product', id)),
  route('POST', '/v1/products/:id', z.strictObject({ ...productFields, name: text.optional() }), (desk, given, id) => {
    const product = desk.need<Product>('product', id);
    const { expand: _expand, ...rest } = given;
    const next = { ...product, ...rest, metadata: mergeMetadata(product.metadata, given.metadata), updated: desk.now };
    return desk.change(product, next as Product, 'product.updated');
  }),
];

/** https://docs.stripe.com/api/prices */
export const prices: readonly Route[] = [
  route('POST', '/v1/prices', priceFields, (desk, given) => {
    desk.need<Product>('product', given.product, 'product');
    const { interval, interval_count = 1 } = given.recurring ?? {};
    return desk.add(
      buildPrice({
        ...given,
        id: desk.newId('price'),
        created: desk.now,
        unitAmount: given.unit_amount,
        recurring: interval ? { interval, interval_count } : undefined,
      }),
      'price.created',
    );
  }),
  route('GET', '/v1/prices', z.strictObject({ ...paging, product: text.optional() }), (desk, given) =>
    desk.page<Price>('price', given, {
      url: '/v1/prices',
      where: ({ created, product }) =>
        isCreatedWithin(created, given.created) && (given.product === undefined || product === given.product),
    }),
  ),
  route('GET', '/v1/prices/:id', z.strictObject(expandable), (desk, _given, id) => desk.need<Price>('price', id)),
];
