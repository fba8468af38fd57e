import type { Row } from '../../kit/row.ts';

/** What every mirrored object has beside its content. */
export interface MirrorRow extends Row {
  /** The opaque vendor id. */
  readonly _id: string;
  readonly connection: string;
  readonly externalId: string;
  /** The CRM account it belongs to, by the customer's metadata. */
  readonly accountId: string | null;
  readonly createdAt: Date;
  /** Seconds of Stripe's clock: the content is at least as new as this. */
  readonly asOf: number;
}

/** What a customer tells. Amounts are in Stripe's smallest units. */
export interface CustomerContent {
  readonly accountId: string | null;
  readonly name: string | null;
  readonly email: string | null;
  readonly currency: string | null;
  readonly balance: number;
  readonly delinquent: boolean;
}

/** One price of a subscription. */
export interface ItemContent {
  readonly externalId: string;
  readonly priceId: string;
  readonly productId: string;
  readonly nickname: string | null;
  readonly quantity: number;
  readonly unitAmount: number | null;
  readonly interval: 'day' | 'week' | 'month' | 'year';
  readonly intervalCount: number;
}

/** What a subscription tells. */
export interface SubscriptionContent {
  readonly customerId: string;
  readonly status: string;
  readonly currency: string;
  /** By the month, rounded. */
  readonly monthlyAmount: number;
  readonly items: readonly ItemContent[];
  readonly currentPeriodStart: Date | null;
  readonly currentPeriodEnd: Date | null;
  readonly cancelAtPeriodEnd: boolean;
  readonly canceledAt: Date | null;
  readonly endedAt: Date | null;
  readonly startedAt: Date;
}

/** One line of an invoice. */
export interface LineContent {
  readonly externalId: string;
  readonly description: string | null;
  readonly quantity: number | null;
  readonly amount: number;
}

/** What an invoice tells. */
export interface InvoiceContent {
  readonly customerId: string;
  readonly subscriptionId: string | null;
  readonly number: string | null;
  readonly status: string;
  readonly currency: string;
  readonly total: number;
  readonly amountDue: number;
  readonly amountPaid: number;
  readonly amountRemaining: number;
  readonly lines: readonly LineContent[];
  readonly hostedInvoiceUrl: string | null;
  readonly dueAt: Date | null;
  readonly finalizedAt: Date | null;
  readonly paidAt: Date | null;
  readonly voidedAt: Date | null;
}

/** A mirrored customer. */
export type CustomerRow = MirrorRow & CustomerContent;
/** A mirrored subscription. */
export type SubscriptionRow = MirrorRow & SubscriptionContent;
/** A mirrored invoice. */
export type InvoiceRow = MirrorRow & InvoiceContent;
