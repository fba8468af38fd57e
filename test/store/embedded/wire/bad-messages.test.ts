import { serialize } from 'bson';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { crc32c } from '../../../../store/embedded/wire/crc32c.ts';
import { type BareServer, startBareServer } from '../../../support/bare-server.ts';
import { bodySection, header, type RawClient, rawOpMsg, sequenceSection, toOpMsg } from '../../../support/raw-wire.ts';

let server: BareServer;
let client: RawClient;
beforeAll(async () => {
  server = await startBareServer();
});
beforeEach(async () => {
  client = await server.dial();
});
afterEach(async () => {
  client.close();
  const other = await server.dial();
  expect(await other.command({ ping: 1, $db: 'admin' })).toMatchObject({ ok: 1 });
  other.close();
  expect(server.failures.splice(0)).toEqual([]);
});
afterAll(() => server.close());

const PING = bodySection(serialize({ ping: 1, $db: 'admin' }));
const INSERT = bodySection(serialize({ insert: 'x', $db: 'test' }));
const DOCUMENT = serialize({ _id: 1 });

function checksummed(sections: Uint8Array[], spoil = 0): Buffer {
  const message = rawOpMsg(sections, 1, Buffer.alloc(4));
  message.writeUInt32LE((crc32c(message.subarray(0, -4)) ^ spoil) >>> 0, message.length - 4);
  return message;
}
function withLength(message: Buffer, at: number, length: number): Buffer {
  message.writeInt32LE(length, at);
  return message;
}
const compressed = () => Buffer.concat([header(25, 2012), Buffer.alloc(9)]);

it.each<[string, Buffer]>([
  ['a length of 0', withLength(toOpMsg({ ping: 1 }), 0, 0)],
  ['a length of 15', withLength(toOpMsg({ ping: 1 }), 0, 15)],
  ['a negative length', withLength(toOpMsg({ ping: 1 }), 0, -1)],
  ['a length one over 48 MB', withLength(toOpMsg({ ping: 1 }), 0, 48_000_001)],
  ['a length of 2 GB', withLength(toOpMsg({ ping: 1 }), 0, 0x7fffffff)],
  ['a header and nothing else', header(16, 2013)],
  ['an OP_QUERY that ends in its header', header(16, 2004)],
  ['an OP_QUERY without a document', Buffer.concat([header(26, 2004), Buffer.alloc(4), Buffer.from('a.$cmd')])],
  ['OP_COMPRESSED, which was never agreed on', compressed()],
  ['OP_INSERT of long ago', Buffer.concat([header(20, 2002), Buffer.alloc(4)])],
  ['an op code nobody knows', Buffer.concat([header(20, 77), Buffer.alloc(4)])],
  ['a flag it must know and does not', rawOpMsg([PING], 4)],
  ['a wrong checksum', checksummed([PING], 1)],
  ['a checksum announced and not there', rawOpMsg([], 1, Buffer.alloc(4))],
  ['no section', rawOpMsg([])],
  ['a section of kind 9', rawOpMsg([Buffer.concat([Buffer.of(9), DOCUMENT])])],
  ['two bodies', rawOpMsg([PING, PING])],
  ['documents and no body', rawOpMsg([sequenceSection('documents', [DOCUMENT])])],
  ['a body longer than the message', withLength(toOpMsg({ ping: 1 }), 21, 9999)],
  ['a body of negative length', withLength(toOpMsg({ ping: 1 }), 21, -5)],
  ['a body shorter than a document can be', withLength(toOpMsg({ ping: 1 }), 21, 4)],
  ['a section longer than the message', rawOpMsg([INSERT, sequenceSection('documents', [DOCUMENT], 9999)])],
  ['a section of size 0', rawOpMsg([INSERT, sequenceSection('documents', [DOCUMENT], 0)])],
  ['a section of negative size', rawOpMsg([INSERT, sequenceSection('documents', [DOCUMENT], -1)])],
  ['a section that ends within a document', rawOpMsg([INSERT, sequenceSection('documents', [DOCUMENT], 20)])],
  ['a section whose name does not end', rawOpMsg([INSERT, sequenceSection('documents', [], 8)])],
  [
    'a document of a section that is longer than it',
    rawOpMsg([INSERT, sequenceSection('documents', [withLength(Buffer.from(DOCUMENT), 0, 99)])]),
  ],
  ['HTTP', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')],
])('hangs up on %s', async (_what, bytes) => {
  expect(await client.exchange(bytes)).toBeNull();
});

it('takes a message with the right checksum, an optional flag, and in pieces of any size', async () => {
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
  expect(await client.exchange(checksummed([PING]))).toMatchObject({ ok: 1 });
  expect(await client.exchange(rawOpMsg([PING], 1 << 16))).toMatchObject({ ok: 1 });
  const message = toOpMsg({ ping: 1, $db: 'admin' });
  for (const byte of message.subarray(0, -1)) client.socket.write(Buffer.of(byte));
  expect(await client.exchange(message.subarray(-1))).toMatchObject({ ok: 1 });
});

it('waits for the rest of a message of 48 MB and takes it', async () => {
  const filler = Array.from({ length: 3 }, (_, at) => serialize({ _id: `big${at}`, x: Buffer.alloc(15_900_000) }));
  const answer = await client.exchange(rawOpMsg([INSERT, sequenceSection('documents', filler)]));
  expect(answer).toMatchObject({ ok: 1, n: 3 });
});

it('answers the commands of one packet in order', async () => {
  const first = client.command({ ping: 1, $db: 'admin' });
  const both = Buffer.concat([toOpMsg({ nonsense: 1, $db: 'admin' }), toOpMsg({ ping: 1, $db: 'admin' })]);
  expect(await client.exchange(both)).toMatchObject({ ok: 0 });
  expect(await first).toMatchObject({ ok: 1 });
});

it('loses none of the increments of one packet', async () => {
  const updates = [{ q: { _id: 1 }, u: { $inc: { n: 1 } }, upsert: true }];
  const command = () => client.command({ update: 'counters', updates, $db: 'test' });
  client.socket.cork();
  const answers = Array.from({ length: 50 }, command);
  client.socket.uncork();
  for (const answer of await Promise.all(answers)) expect(answer).toMatchObject({ ok: 1, n: 1 });
  const { cursor } = await client.command({ find: 'counters', $db: 'test' });
  expect(cursor.firstBatch).toEqual([{ _id: 1, n: 50 }]);
});

it('does what a silent command says and answers nothing', async () => {
  client.socket.write(
    rawOpMsg([bodySection(serialize({ insert: 'silent', documents: [{ _id: 1 }], $db: 'test' }))], 2),
  );
  expect(await client.command({ ping: 1, $db: 'admin' })).toMatchObject({ ok: 1 });
  const { cursor } = await client.command({ find: 'silent', $db: 'test' });
  expect(cursor.firstBatch).toEqual([{ _id: 1 }]);
});
