/** A postal address of the demo. */
export interface DemoAddress {
  readonly kind: 'BILLING' | 'OFFICE';
  readonly street: string;
  readonly city: string;
  readonly region: string | null;
  readonly postalCode: string;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
}

/** A person of the demo. */
export interface DemoContact {
  /** `con_` and a ULID of the moment it was made. */
  readonly id: string;
  readonly givenName: string;
  readonly familyName: string;
  /** Unique within the tenant, in the account's domain. */
  readonly email: string;
  readonly phone: string;
  readonly jobTitle: string;
  readonly department: string;
  /** Id of a contact of the same account; null for the first one. */
  readonly reportsToId: string | null;
  /** BCP 47. */
  readonly locale: string;
  /** IANA name. */
  readonly timeZone: string;
  readonly lifecycleStage:
    | 'LEAD'
    | 'MARKETING_QUALIFIED'
    | 'SALES_QUALIFIED'
    | 'OPPORTUNITY'
    | 'CUSTOMER'
    | 'EVANGELIST';
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

/** An organisation of the demo. */
export interface DemoAccount {
  /** `acc_` and a ULID of the moment it was made. */
  readonly id: string;
  readonly tenant: string;
  readonly name: string;
  readonly legalName: string;
  /** Unique within the tenant; ends in `.example` (RFC 2606), so that no mail can reach anyone. */
  readonly domain: string;
  readonly industry: string;
  readonly kind: 'PROSPECT' | 'CUSTOMER' | 'PARTNER' | 'FORMER_CUSTOMER';
  readonly lifecycleStage: DemoContact['lifecycleStage'];
  readonly employeeCount: number;
  /** In minor units (cents) of an ISO 4217 currency with two decimals. */
  readonly annualRevenue: { readonly minor: number; readonly currency: 'USD' | 'EUR' | 'GBP' };
  readonly phone: string;
  readonly addresses: readonly DemoAddress[];
  /** Id of an earlier account of the same tenant, for the few that belong to a group. */
  readonly parentId: string | null;
  /** One to five; the first is the one to speak to first. */
  readonly contacts: readonly DemoContact[];
  /** Milliseconds since the epoch; not before 18 months ahead of the demo's `now`. */
  readonly createdAt: number;
}

/** What a fresh installation shows: the same for the same seed and moment, down to every id. */
export interface DemoData {
  readonly seed: number;
  /** Milliseconds since the epoch: the end of the history. */
  readonly now: number;
  /** Ordered by tenant, then by `createdAt`. */
  readonly accounts: readonly DemoAccount[];
}
