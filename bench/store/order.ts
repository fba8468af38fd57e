import { ObjectId } from 'bson';

/** What the store benches store: an order of one of 200 tenants in one of 5 statuses, about 400 bytes as BSON. */
export interface Order {
  readonly _id: ObjectId;
  readonly tenant: string;
  readonly status: string;
  readonly createdAt: Date;
  readonly number: number;
  readonly customer: { readonly name: string; readonly email: string; readonly vip: boolean };
  readonly total: { readonly amount: number; readonly currency: string };
  readonly lines: readonly { readonly sku: string; readonly quantity: number }[];
  readonly note: string;
  readonly version: number;
}

export const TENANTS = 200;
export const STATUSES = ['NEW', 'OPEN', 'PAID', 'SENT', 'DONE'] as const;

/** The index a list of orders is read by. */
export const LIST_INDEX = { tenant: 1, status: 1, createdAt: -1, _id: 1 } as const;

const START = Date.UTC(2026, 0, 1);
const NOTE = 'Deliver to the back door, ring twice, and leave the parcel with the neighbour at number nine. ';

export const toTenant = (number: number): string => `tenant-${String(number % TENANTS).padStart(3, '0')}`;

/** The order of that number, the same each time but for its `_id`, which rises with time as the driver's do. */
export function toOrder(number: number): Order {
  return {
    _id: new ObjectId(),
    tenant: toTenant(number),
    status: STATUSES[Math.floor(number / TENANTS) % STATUSES.length] as string,
    createdAt: new Date(START + number * 1000),
    number,
    customer: {
      name: `Customer ${number % 5000}`,
      email: `customer${number % 5000}@example.test`,
      vip: number % 7 === 0,
    },
    total: { amount: (number * 37) % 100_000, currency: 'EUR' },
    lines: [
      { sku: `sku-${number % 997}`, quantity: (number % 9) + 1 },
      { sku: `sku-${number % 991}`, quantity: (number % 3) + 1 },
    ],
    note: NOTE,
    version: 1,
  };
}
