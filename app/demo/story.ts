import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError, isErrorCode } from '../../lib/errors.ts';
import { readCommandLine, wrongUsage } from '../command-line.ts';
import { onProcessesApart } from './apart.ts';
import { ask, type GraphAnswer, readOperation, subscribe } from './graph-client.ts';
import { createNarrator } from './narrator.ts';
import { onOwnServer } from './own-server.ts';
import { onRunningServer } from './running-server.ts';
import { createSandboxClient } from './sandbox-client.ts';
import type { OwnProcesses, Stage } from './stage.ts';

const TAKES = '[--apart | --url URL [--sandbox URL]]';

/**
 * Tells the story of one payment: customer 360, subscribe, pay, see it arrive, be refused, survive a kill -9.
 * On a server of its own in a temporary folder; with `--apart` each part in a process of its own, over the broker of the
 * environment; with `--url` on a running server. Throws when a chapter does not end as told.
 */
export async function runDemo(args: readonly string[]): Promise<void> {
  const { values } = readCommandLine(args, {
    command: 'demo',
    takes: TAKES,
    options: { url: { type: 'string' }, sandbox: { type: 'string' }, apart: { type: 'boolean' } },
  });
  const { url, sandbox, apart = false } = values;
  const say = createNarrator();
  if (url !== undefined && apart)
    throw wrongUsage('--apart starts its own processes, --url names a running one.', 'demo', TAKES);
  if (url !== undefined)
    return tell(
      await onRunningServer(toOrigin('--url', url), toOrigin('--sandbox', sandbox ?? 'http://127.0.0.1:4100'), say),
    );
  if (sandbox !== undefined) throw wrongUsage('--sandbox goes with --url.', 'demo', TAKES);
  const dataDir = await mkdtemp(join(tmpdir(), 'tributary-demo-'));
  try {
    const stage = await (apart ? onProcessesApart : onOwnServer)(dataDir, say);
    await tell(stage).finally(() => stage.own.stop());
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

function toOrigin(option: string, text: string): string {
  if (/^https?:/.test(text) && URL.canParse(text)) return new URL(text).origin;
  throw wrongUsage(`${option} must be a URL, for example http://127.0.0.1:4000.`, 'demo', TAKES);
}

async function tell(stage: Stage): Promise<void> {
  const invoices = await customer360(stage);
  const [first, second] = invoices;
  if (!first || !second)
    throw new AppError('NOT_FOUND', 'The demo needs two open invoices, and found fewer. Start on an empty DATA_DIR.');
  const cursor = await payAndSee(stage, first);
  await beRefused(stage, first);
  if (stage.own) await surviveKill(stage, stage.own, second, cursor);
  stage.say.end();
}

interface OpenInvoice {
  readonly externalId: string;
  readonly number: string;
  readonly account: { readonly id: string; readonly name: string };
}

async function customer360({ url, tokenFor, say }: Stage): Promise<OpenInvoice[]> {
  say.chapter('One customer across the CRM and Stripe, in one query');
  const token = await tokenFor('sales');
  const open = dataOf(await ask(url, token, await readOperation('open-invoices'), { first: 20 }));
  const invoices = (open.stripeInvoices.nodes as OpenInvoice[]).filter(({ account }) => account !== null);
  const account = invoices[0]?.account;
  if (!account) return [];
  const { account: customer } = dataOf(
    await ask(url, token, await readOperation('customer-360'), { accountId: account.id }),
  );
  say.json({
    name: customer.name,
    industry: customer.industry,
    contacts: customer.contacts.nodes,
    billing: customer.billing,
  });
  return invoices;
}

async function payAndSee({ url, sandboxUrl, tokenFor, say }: Stage, invoice: OpenInvoice): Promise<string | null> {
  say.chapter(`Subscribe to ${invoice.account.name}, then pay invoice ${invoice.number} at Stripe`);
  const stream = await subscribe({
    url,
    token: await tokenFor('sales'),
    query: await readOperation('invoice-changed'),
    variables: { accountId: invoice.account.id },
  });
  const paidAt = performance.now();
  await createSandboxClient(sandboxUrl).payInvoice(invoice.externalId);
  let message = await stream.next();
  while (message && message.data?.data?.stripeInvoiceChanged?.status !== 'PAID') message = await stream.next();
  if (!message) throw new AppError('INTERNAL', 'The stream ended before the payment arrived.');
  say.json(message.data?.data?.stripeInvoiceChanged);
  say.fact(
    `Arrived ${(performance.now() - paidAt).toFixed(0)} ms after the payment was asked for at Stripe, by a signed webhook.`,
  );
  stream.close();
  return message.id;
}

async function beRefused({ url, tokenFor, say }: Stage, invoice: OpenInvoice): Promise<void> {
  say.chapter('A partner asks for the same customer');
  const answer = await ask(
    url,
    await tokenFor('partner'),
    '{ account(id: $id) { name billing { mrr { amount } } } }'.replace(/^/, 'query ($id: ID!) '),
    { id: invoice.account.id },
  );
  const denial = answer.errors?.find(({ extensions }) => extensions?.['code'] === 'FORBIDDEN');
  if (!denial) throw new AppError('INTERNAL', 'The partner was not refused.');
  say.json({ data: answer.data, refused: denial.path?.join('.'), missingScopes: denial.extensions?.['missingScopes'] });
}

async function surviveKill(
  stage: Stage,
  own: OwnProcesses,
  invoice: OpenInvoice,
  cursor: string | null,
): Promise<void> {
  const { url, sandboxUrl, tokenFor, say } = stage;
  say.chapter(`Pay invoice ${invoice.number}, and kill -9 ${own.name} at once`);
  await createSandboxClient(sandboxUrl).payInvoice(invoice.externalId);
  await own.kill();
  say.fact(`Killed, and ready again after ${((await own.restart()) / 1000).toFixed(1)} s.`);
  const stream = await subscribe({
    url,
    token: await tokenFor('sales'),
    query: await readOperation('invoice-changed'),
    lastEventId: cursor,
  });
  let message = await stream.next();
  while (message && message.data?.data?.stripeInvoiceChanged?.number !== invoice.number) message = await stream.next();
  stream.close();
  if (!message) throw new AppError('INTERNAL', 'The payment was lost.');
  say.json(message.data?.data?.stripeInvoiceChanged);
  say.fact('The payment that Stripe acknowledged before the kill is in the stream, resumed from the last cursor.');
}

function dataOf(answer: GraphAnswer) {
  const [error] = answer.errors ?? [];
  if (error) {
    const code = error.extensions?.['code'];
    throw new AppError(isErrorCode(code) ? code : 'INTERNAL', `The graph answered: ${error.message}`);
  }
  return answer.data;
}
