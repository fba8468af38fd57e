import { z } from 'zod';
import { expandable, isCreatedWithin, paging, text } from '../http/parameters.ts';
import { type Route, route } from '../http/route.ts';
import type { StripeObject } from '../objects/stripe-object.ts';

const listFields = z.strictObject({ ...paging, type: text.optional(), types: z.array(text).max(20).optional() });

/** https://docs.stripe.com/api/events */
export const events: readonly Route[] = [
  route('GET', '/v1/events', listFields, (desk, given) =>
    desk.page('event', given, {
      url: '/v1/events',
      where: ({ created, type }) =>
        isCreatedWithin(created, given.created) &&
        isOfType(String(type), given.types ?? (given.type ? [given.type] : null)),
    }),
  ),
  route('GET', '/v1/events/:id', z.strictObject(expandable), (desk, _given, id) =>
    desk.need<StripeObject>('event', id),
  ),
];

/** Whether a type is among those named; `invoice.*` names all that begin so, `*` names all. */
export function isOfType(type: string, named: readonly string[] | null): boolean {
  return (
    named === null || named.some((name) => name === type || (name.endsWith('*') && type.startsWith(name.slice(0, -1))))
  );
}
