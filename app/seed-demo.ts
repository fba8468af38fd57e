import { importAccounts } from '../subgraphs/crm/import.ts';
import type { Connection } from '../subgraphs/kit/connections.ts';
import { importStripeObjects } from '../subgraphs/stripe/mirror/import-objects.ts';
import type { Demo } from './demo-data.ts';
import type { Ground } from './runtime.ts';
import { stripeObjectsOf } from './sandboxes.ts';

/** Marks a store that holds the demo data whole. */
const MARK = { collection: 'installation', id: 'demo' };

/**
 * Loads the demo data into an embedded store once; true when it did. The mark is set last: after a crash in
 * between the next start loads again, and what is there already stays as it is.
 */
export async function seedDemo(runtime: Ground, demo: Demo): Promise<boolean> {
  const marks = runtime.store.connection.collection<{ _id: string; at: Date }>(MARK.collection);
  if (await marks.findOne({ _id: MARK.id })) return false;
  await importAccounts(runtime.store, demo.data().accounts);
  for (const connection of runtime.connections.list('stripe')) await importBilling(runtime, connection, demo);
  await marks.insertOne({ _id: MARK.id, at: new Date(runtime.clock.now()) });
  return true;
}

function importBilling(runtime: Ground, connection: Connection, demo: Demo): Promise<unknown> {
  return importStripeObjects(runtime.store, connection, stripeObjectsOf(connection.tenant, demo));
}
