import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { GraphAnswer } from '../../app/demo/graph-client.ts';
import type { BusRecord } from '../../events/bus.ts';
import { openEmbeddedBus } from '../../events/embedded.ts';
import { followSubscription } from '../support/follow-subscription.ts';
import { type OwnServer, startOwnServer } from '../support/own-server.ts';
import { createRandom } from '../support/random.ts';

const ROUNDS = 10;
const WRITERS = 8;
const TOPIC = 'crm.account';
const CHANGED = 'subscription { accountChanged { id version } }';
const MUTATIONS = {
  create: `mutation ($input: AccountCreateInput!) { done: accountCreate(input: $input) { account { id version } userErrors { code } } }`,
  update: `mutation ($input: AccountUpdateInput!) { done: accountUpdate(input: $input) { account { id version } userErrors { code } } }`,
  delete: `mutation ($input: AccountDeleteInput!) { done: accountDelete(input: $input) { account { id version } userErrors { code } } }`,
};

/** What one writer knows of one account of its own: the versions that were acknowledged to it. */
interface Written {
  readonly name: string;
  id: string;
  version: number;
  deleted: boolean;
}

let server: OwnServer;
beforeAll(async () => {
  server = await startOwnServer();
});
afterAll(() => server.close());

it(`keeps every acknowledged change of an account exactly once, each with its event, over ${ROUNDS} kill -9`, {
  timeout: 240_000,
}, async () => {
  const seed = Number(process.env['SEED'] ?? Date.now() % 100_000);
  process.stdout.write(`kill -9 seed ${seed}\n`);
  const random = createRandom(seed);
  const subscriber = followSubscription(server, 'sales', CHANGED);
  await expect.poll(subscriber.cursor, { timeout: 10_000 }).not.toBeNull();

  const written: Written[] = [];
  const stop = new AbortController();
  const writers = Array.from({ length: WRITERS }, (_, lane) => write(server, lane, written, stop.signal));
  for (let round = 0; round < ROUNDS; round += 1) {
    await pause(400 + random() * 1_200);
    await server.process().kill();
    await server.restart();
  }
  stop.abort();
  await Promise.all(writers);
  expect(written.length).toBeGreaterThan(ROUNDS);

  const untold = () => {
    const told = new Set(subscriber.messages.map(({ accountChanged: { id, version } }) => `${id} ${version}`));
    return written.filter(({ id, version }) => !told.has(`${id} ${version}`));
  };
  await expect.poll(untold, { timeout: 30_000, interval: 200 }).toEqual([]);
  subscriber.stop();

  expect(await inGraph(server)).toEqual(
    written
      .filter(({ deleted }) => !deleted)
      .map(({ id, name, version }) => `${name} ${id} ${version}`)
      .sort(),
  );
  expect(await server.process().stop()).toBe(0);
  const published = await eventsOf(server.dataDir);
  process.stdout.write(`${written.length} accounts, ${published.size} changes told of\n`);
  const changes = written.flatMap(({ id, version }) =>
    Array.from({ length: version }, (_, index) => `${id} ${index + 1}`),
  );
  expect([...published.keys()].sort()).toEqual(changes.sort());
  expect([...published.values()].filter((ids) => ids.size !== 1)).toEqual([]);
});

/** Creates, changes twice and sometimes deletes accounts of its own, sending each mutation until it is acknowledged. */
async function write(own: OwnServer, lane: number, written: Written[], signal: AbortSignal): Promise<void> {
  for (let number = 0; !signal.aborted; number += 1) {
    const name = `kill${lane}x${number}`;
    const send = (kind: keyof typeof MUTATIONS, input: object, step: string) =>
      untilAnswered(own, MUTATIONS[kind], { input: { ...input, idempotencyKey: `${name}/${step}` } });
    const created = await send('create', { name }, 'create');
    const account: Written = { name, ...created, deleted: false };
    written.push(account);
    for (const step of [1, 2]) {
      account.version = (
        await send('update', { id: account.id, ifVersion: step, industry: `trade ${step}` }, `${step}`)
      ).version;
    }
    if (number % 3 !== 0) continue;
    account.version = (await send('delete', { id: account.id, ifVersion: 3 }, 'delete')).version;
    account.deleted = true;
  }
}

/** The same request, key and body, again and again until there is an answer; what it answers must be a success. */
async function untilAnswered(
  own: OwnServer,
  query: string,
  variables: object,
): Promise<{ id: string; version: number }> {
  for (;;) {
    const answer: GraphAnswer | null = await own.ask('sales', query, variables).catch(() => null);
    if (answer?.data?.done) {
      expect(answer.data.done.userErrors).toEqual([]);
      return answer.data.done.account;
    }
    // A kill gives no answer at all: whatever is answered must be the change.
    if (answer) throw new Error(JSON.stringify(answer));
    await pause(50);
  }
}

/** Name, id and version of every account made here that is not deleted. */
async function inGraph(own: OwnServer): Promise<string[]> {
  const found: string[] = [];
  for (let after: string | null = null; ; ) {
    const { data } = await own.ask(
      'sales',
      'query ($after: String) { accounts(first: 100, after: $after) { nodes { id name version } pageInfo { hasNextPage endCursor } } }',
      { after },
    );
    for (const { id, name, version } of data.accounts.nodes)
      if (name.startsWith('kill')) found.push(`${name} ${id} ${version}`);
    if (!data.accounts.pageInfo.hasNextPage) return found.sort();
    after = data.accounts.pageInfo.endCursor;
  }
}

/** The ids of the events that tell of each change, from the log of the stopped server. */
async function eventsOf(dataDir: string): Promise<Map<string, Set<string>>> {
  const bus = await openEmbeddedBus({ path: join(dataDir, 'bus') });
  const [from, ends] = [await bus.positions([TOPIC], 'earliest'), await bus.positions([TOPIC], 'latest')];
  const events = new Map<string, Set<string>>();
  const onRecord = ({ headers, value }: BusRecord) => {
    const { id, version } = JSON.parse(Buffer.from(value).toString());
    const change = `${id} ${version}`;
    events.set(change, (events.get(change) ?? new Set()).add(headers['ce_id'] ?? ''));
  };
  const tail = await bus.tail({ topics: [TOPIC], from, onRecord });
  await expect.poll(() => tail.positions()).toEqual(ends);
  await bus.close();
  return events;
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
