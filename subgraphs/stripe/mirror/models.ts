import { type Connection, type Model, Schema, type SchemaDefinition } from 'mongoose';
import type { Noun } from '../mapping/mapped.ts';
import type { CustomerRow, InvoiceRow, MirrorRow, SubscriptionRow } from './rows.ts';

/** The collections of the mirror. */
export interface StripeModels {
  readonly customer: Model<CustomerRow>;
  readonly subscription: Model<SubscriptionRow>;
  readonly invoice: Model<InvoiceRow>;
}

const { Mixed } = Schema.Types;

const COMMON: SchemaDefinition = {
  _id: String,
  tenant: String,
  connection: String,
  externalId: String,
  accountId: String,
  createdAt: Date,
  version: Number,
  asOf: Number,
  deletedAt: Date,
};

const CONTENT: Readonly<Record<Noun, SchemaDefinition>> = {
  customer: { name: String, email: String, currency: String, balance: Number, delinquent: Boolean },
  subscription: {
    customerId: String,
    status: String,
    currency: String,
    monthlyAmount: Number,
    items: [Mixed],
    currentPeriodStart: Date,
    currentPeriodEnd: Date,
    cancelAtPeriodEnd: Boolean,
    canceledAt: Date,
    endedAt: Date,
    startedAt: Date,
  },
  invoice: {
    customerId: String,
    subscriptionId: String,
    number: String,
    status: String,
    currency: String,
    total: Number,
    amountDue: Number,
    amountPaid: Number,
    amountRemaining: Number,
    lines: [Mixed],
    hostedInvoiceUrl: String,
    dueAt: Date,
    finalizedAt: Date,
    paidAt: Date,
    voidedAt: Date,
  },
};

/** The mirror's models on a connection; made on first use. */
export function stripeModels(connection: Connection): StripeModels {
  return {
    customer: modelOf<CustomerRow>(connection, 'customer'),
    subscription: modelOf<SubscriptionRow>(connection, 'subscription'),
    invoice: modelOf<InvoiceRow>(connection, 'invoice'),
  };
}

function modelOf<R extends MirrorRow>(connection: Connection, noun: Noun): Model<R> {
  const name = `stripe_${noun}s`;
  const known = connection.models[name];
  if (known) return known as unknown as Model<R>;
  const schema = new Schema({ ...COMMON, ...CONTENT[noun] }, { versionKey: false })
    .index({ tenant: 1, accountId: 1, createdAt: -1, _id: -1 })
    .index({ tenant: 1, createdAt: -1, _id: -1 });
  return connection.model(name, schema, name) as unknown as Model<R>;
}
