import type { Model } from 'mongoose';

/** What every document of ours carries. `null` is always stored, so that an absent value has its place in an order. */
export interface Row {
  readonly _id: string;
  readonly tenant: string;
  readonly version: number;
  readonly deletedAt: Date | null;
}

/** The collection of a kind of document. */
export type RowModel<R extends Row> = Model<R>;

/** A condition as MongoDB reads it. */
export type Condition = Readonly<Record<string, unknown>>;
