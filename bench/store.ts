import { measureRates } from './store/rates.ts';
import { measureScale } from './store/scale.ts';
import { measureWebhookBytes } from './store/webhook-bytes.ts';

/** The embedded store: rates at 50 at once, bytes written a webhook, lists and scans over a million documents, memory and reopening at two million. */
export async function benchStore({ quick }: { quick: boolean }): Promise<Record<string, unknown>> {
  const rates = await measureRates({ quick });
  const webhookTransaction = await measureWebhookBytes({ quick });
  const scale = await measureScale({ quick });
  return { unit: 'ms', ...rates, webhookTransaction, scale };
}
