/** One account at one vendor, of one tenant. */
export interface Connection {
  /** Unique per vendor; `default` is the one of `DEFAULT_TENANT`. In webhook paths and vendor ids. */
  readonly id: string;
  readonly vendor: string;
  readonly tenant: string;
  /** Where the vendor's API answers, without a trailing slash. */
  readonly baseUrl: string;
  readonly apiKey: string;
  /** All of them valid: a secret being rolled is listed beside its successor. */
  readonly webhookSecrets: readonly string[];
}

/** The connections a process knows. */
export interface ConnectionRegistry {
  list(vendor: string): readonly Connection[];
  find(vendor: string, id: string): Connection | null;
  /** The connection of a tenant; null when it has none. */
  ofTenant(vendor: string, tenant: string): Connection | null;
}

/** A registry over a fixed list, as configured at the start. */
export function createConnectionRegistry(connections: readonly Connection[]): ConnectionRegistry {
  const ofVendor = (vendor: string) => connections.filter((connection) => connection.vendor === vendor);
  return {
    list: ofVendor,
    find: (vendor, id) => ofVendor(vendor).find((connection) => connection.id === id) ?? null,
    ofTenant: (vendor, tenant) => ofVendor(vendor).find((connection) => connection.tenant === tenant) ?? null,
  };
}
