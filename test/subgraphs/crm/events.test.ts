import { afterAll, beforeAll, expect, it } from 'vitest';
import type { BusRecord } from '../../../events/bus.ts';
import { fromRecord } from '../../../events/envelope.ts';
import { type Relay, startRelay } from '../../../store/relay.ts';
import { identityOf } from '../kit/identity.ts';
import { openCrm, type TestCrm } from './open-crm.ts';

let crm: TestCrm;
let relay: Relay;
beforeAll(async () => {
  crm = await openCrm();
  relay = await startRelay({ connection: crm.store.connection, bus: crm.bus, clock: crm.clock });
});
afterAll(async () => {
  await relay.close();
  await crm.close();
});

it('a change is on the bus soon after the mutation, with its tenant, and a refused one never', async () => {
  const records: BusRecord[] = [];
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  const onRecord = (record: BusRecord) => {
    records.push(record);
    if (records.length === 3) resolve();
  };
  const tail = await crm.bus.tail({ topics: ['crm.account', 'crm.contact'], from: 'latest', onRecord });
  const send = (source: string, tenant = 'acme') => crm.ask(`mutation { ${source} }`, {}, identityOf(tenant));
  await send('accountCreate(input: { name: "" }) { userErrors { code } }');
  const { data } = await send('accountCreate(input: { name: "Told" }) { account { id } }', 'globex');
  const id = data.accountCreate.account.id;
  await send(`accountUpdate(input: { id: "${id}", name: "Not yours" }) { userErrors { code } }`);
  await send(`contactCreate(input: { familyName: "Told", accountId: "${id}" }) { contact { id } }`, 'globex');
  await send(`accountDelete(input: { id: "${id}", ifVersion: 1 }) { account { id } }`, 'globex');
  await promise;
  await tail.close();
  const told = records
    .map(fromRecord)
    .map(({ type, tenant, subject, data: { version } }) => ({ type, tenant, subject, version }));
  expect(told.filter(({ subject }) => subject === id)).toEqual([
    { type: 'crm.account.created', tenant: 'globex', subject: id, version: 1 },
    { type: 'crm.account.deleted', tenant: 'globex', subject: id, version: 2 },
  ]);
  expect(told.filter(({ subject }) => subject !== id)).toEqual([
    { type: 'crm.contact.created', tenant: 'globex', subject: expect.stringMatching(/^con_/), version: 1 },
  ]);
});
