/** Where an object of a vendor lives: the vendor, our connection to it, and the vendor's own id. */
export interface VendorRef {
  readonly vendor: string;
  readonly connection: string;
  readonly externalId: string;
}

const PART = /^[a-z0-9-]{1,63}$/;

/**
 * The opaque id of a vendor's object in the graph: base64url of `vendor:connection:externalId`. One object, one id.
 * Throws RangeError when vendor or connection is not lower-case letters, digits and hyphens, or the external id is empty.
 */
export function toVendorId({ vendor, connection, externalId }: VendorRef): string {
  if (!PART.test(vendor) || !PART.test(connection) || externalId === '')
    throw new RangeError('A vendor id needs a vendor, a connection and an external id.');
  return Buffer.from(`${vendor}:${connection}:${externalId}`, 'utf8').toString('base64url');
}

/** What `toVendorId` put into an id; null for any text it did not make. */
export function fromVendorId(id: string): VendorRef | null {
  const text = Buffer.from(id, 'base64url').toString('utf8');
  const match = /^([a-z0-9-]{1,63}):([a-z0-9-]{1,63}):(.+)$/s.exec(text);
  const [, vendor, connection, externalId] = match ?? [];
  if (vendor === undefined || connection === undefined || externalId === undefined) return null;
  return toVendorId({ vendor, connection, externalId }) === id ? { vendor, connection, externalId } : null;
}
