import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ResponseReader } from '../../../../gateway/transport/http1/response-reader.ts';

const LIMIT = 100_000;

/** Reads pieces one after the other, each overwritten once it was read, as a shared buffer is. */
function readPieces(pieces: readonly Buffer[], limit = LIMIT) {
  const reader = new ResponseReader(limit);
  let [read, total] = [0, 0];
  for (const piece of pieces) {
    const memory = Buffer.concat([Buffer.from('\r\n\r\n'), piece, Buffer.from('\r\n\r\n\n')]);
    read += reader.read(memory, 4, 4 + piece.length) - 4;
    total += piece.length;
    memory.fill('x');
  }
  return { reader, response: reader.response, left: total - read };
}

const readText = (text: string, limit?: number) => readPieces([Buffer.from(text, 'latin1')], limit);
const cut = (bytes: Buffer, size: number) =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  );

const PLAIN = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n{"data":null}';
const CHUNKED =
  'HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n5;a=b\r\n{"dat\r\n8 ; q="x"\r\na":null}\r\n000\r\nX-Sum: 1\r\n\r\n';
const INTERIM = `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n${PLAIN}`;

describe('a response', () => {
  it.each([
    ['a known length', PLAIN],
    ['chunks, extensions and trailers', CHUNKED],
    ['interim responses before it', INTERIM],
  ])('with %s is read however its bytes are cut', (_, text) => {
    const bytes = Buffer.from(text, 'latin1');
    for (let size = 1; size <= bytes.length; size += 1) {
      const { response, left } = readPieces(cut(bytes, size));
      expect([response?.head.status, response?.body.toString(), left]).toEqual([200, '{"data":null}', 0]);
    }
    for (let at = 1; at < bytes.length; at += 1)
      expect(readPieces([bytes.subarray(0, at), bytes.subarray(at)]).response?.body.toString()).toBe('{"data":null}');
  });

  it('of any body in any chunks and pieces is that body', () => {
    const body = fc.uint8Array({ maxLength: 600 });
    fc.assert(
      fc.property(
        body,
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 1, max: 90 }),
        fc.boolean(),
        (bytes, chunk, piece, chunked) => {
          const data = Buffer.from(bytes);
          const parts = chunked
            ? [
                Buffer.from('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'),
                ...cut(data, chunk).flatMap((part) => [
                  Buffer.from(`${part.length.toString(16)}\r\n`),
                  part,
                  Buffer.from('\r\n'),
                ]),
                Buffer.from('0\r\n\r\n'),
              ]
            : [Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${data.length}\r\n\r\n`), data];
          expect(readPieces(cut(Buffer.concat(parts), piece)).response?.body.equals(data)).toBe(true);
        },
      ),
    );
  });

  it('of any other bytes is refused or unfinished, and never read past its end', () => {
    const text = fc.array(
      fc.constantFrom(
        'HTTP/1.1 200 OK',
        '\r\n',
        '\n',
        ' ',
        ':',
        'content-length: 3',
        'transfer-encoding: chunked',
        '3',
        'abc',
        '0',
        '\0',
      ),
      { maxLength: 14 },
    );
    fc.assert(
      fc.property(text, (parts) => {
        try {
          const { left, response } = readText(parts.join(''));
          expect(left).toBeGreaterThanOrEqual(0);
          if (response) expect(parts.join('')).toContain(response.body.toString('latin1'));
        } catch (error) {
          expect(error).toMatchObject({ name: 'ProtocolError' });
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('without a length lasts as long as the connection', () => {
    const { reader } = readText('HTTP/1.1 200 OK\r\n\r\n{"data":');
    reader.read(Buffer.from('null}'), 0, 5);
    expect(reader.response).toBeNull();
    reader.end();
    expect(reader.response).toMatchObject({ head: { keepsAlive: false }, body: Buffer.from('{"data":null}') });
  });

  it.each([204, 304])('with status %i has no body, whatever its head says', (status) => {
    expect(readText(`HTTP/1.1 ${status} X\r\nContent-Length: 3\r\n\r\n`).response?.body.length).toBe(0);
  });

  it('leaves what comes after it unread', () => {
    expect(readText(`${PLAIN}HTTP/1.1 200 OK\r\n`)).toMatchObject({ response: { head: { status: 200 } }, left: 17 });
    expect(readText(`${CHUNKED}x`)).toMatchObject({ left: 1 });
  });

  it.each([
    ['a length and chunks', 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\n'],
    ['a list of lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 3, 3\r\n\r\n'],
    ['a signed length', 'HTTP/1.1 200 OK\r\nContent-Length: +3\r\n\r\n'],
    ['a hexadecimal length', 'HTTP/1.1 200 OK\r\nContent-Length: 0x3\r\n\r\n'],
    ['an empty length', 'HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n'],
    ['a length beyond reckoning', `HTTP/1.1 200 OK\r\nContent-Length: ${'9'.repeat(16)}\r\n\r\n`],
    ['a coding that is not chunked', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n'],
    ['chunked twice', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n'],
    ['chunks in HTTP/1.0', 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'],
    ['space before a colon', 'HTTP/1.1 200 OK\r\nContent-Length : 3\r\n\r\n'],
    ['a folded line', 'HTTP/1.1 200 OK\r\nX-A: 1\r\n Content-Length: 3\r\n\r\n'],
    ['a line without a colon', 'HTTP/1.1 200 OK\r\nContent-Length 3\r\n\r\n'],
    ['a field without a name', 'HTTP/1.1 200 OK\r\n: 3\r\n\r\n'],
    ['NUL in a value', 'HTTP/1.1 200 OK\r\nX-A: a\0b\r\n\r\n'],
    ['a bare CR in a value', 'HTTP/1.1 200 OK\r\nX-A: a\rContent-Length: 3\r\n\r\n'],
    ['bare line feeds', 'HTTP/1.1 200 OK\nContent-Length: 3\n\n'],
    ['one bare line feed', 'HTTP/1.1 200 OK\r\nX-A: 1\nContent-Length: 3\r\n\r\n'],
    ['another protocol', 'HTTP/2 200 OK\r\n\r\n'],
    ['another version', 'HTTP/1.2 200 OK\r\n\r\n'],
    ['no HTTP', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['a lower-case protocol', 'http/1.1 200 OK\r\n\r\n'],
    ['a status of two digits', 'HTTP/1.1 20 OK\r\n\r\n'],
    ['a status of four digits', 'HTTP/1.1 2000 OK\r\n\r\n'],
    ['an empty line first', '\r\nHTTP/1.1 200 OK\r\n\r\n'],
    ['a switch of protocols', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n'],
    ['interim responses without end', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(9)],
    ['too long a head', `HTTP/1.1 200 OK\r\nX-A: ${'a'.repeat(17_000)}\r\n\r\n`],
    ['too long a head that does not end', `HTTP/1.1 200 OK\r\nX-A: ${'a'.repeat(17_000)}`],
    ['too many fields', `HTTP/1.1 200 OK\r\n${'a: b\r\n'.repeat(129)}\r\n`],
    ['a chunk size that is none', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n'],
    ['a signed chunk size', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-3\r\nabc\r\n'],
    ['a prefixed chunk size', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n'],
    ['an empty chunk size', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\nabc\r\n'],
    ['a chunk size ended by a line feed', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\nabc\r\n'],
    ['a chunk size beyond reckoning', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n123456789\r\nabc'],
    ['a chunk longer than its size', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n'],
    ['a chunk ended by a line feed', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\n0\r\n\r\n'],
    ['extensions without end', `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;${'a'.repeat(300)}`],
    ['a malformed trailer', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nno colon\r\n\r\n'],
    ['trailers without end', `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n${'a: b\r\n'.repeat(2_000)}`],
  ])('with %s is refused', (_, text) => {
    const bytes = Buffer.from(text, 'latin1');
    expect(() => readPieces([bytes])).toThrow(expect.objectContaining({ name: 'ProtocolError', kind: 'syntax' }));
    expect(() => readPieces(cut(bytes, 1))).toThrow(expect.objectContaining({ name: 'ProtocolError' }));
  });

  it.each([
    ['announced', 'HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n'],
    ['in chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\naaaaaa\r\n5\r\naaaaa'],
    ['without a length', 'HTTP/1.1 200 OK\r\n\r\naaaaaaaaaaa'],
  ])('of too many bytes, %s, is refused as it comes', (_, text) => {
    expect(() => readText(text, 10)).toThrow(expect.objectContaining({ name: 'ProtocolError', kind: 'size' }));
  });

  it('is incomplete when the connection ends within it', () => {
    for (const text of [PLAIN.slice(0, -1), PLAIN.slice(0, 20), CHUNKED.slice(0, -1)])
      expect(() => readText(text).reader.end()).toThrow(expect.objectContaining({ name: 'ProtocolError' }));
  });
});

describe('the head of a response', () => {
  it.each([
    ['HTTP/1.1 200 OK\r\nContent-Length: 0', true],
    ['HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive', true],
    ['HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: Close', false],
    ['HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: x, close', false],
    ['HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: x\r\nConnection: close', false],
    ['HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: closed', true],
    ['HTTP/1.0 200 OK\r\nContent-Length: 0', false],
    ['HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive', false],
  ])('%j keeps the connection: %s', (text, expected) => {
    expect(readText(`${text}\r\n\r\n`).response?.head.keepsAlive).toBe(expected);
  });

  it('tells type, encoding, patience and when to come again', () => {
    const fields =
      'content-type: application/json\r\nContent-Encoding: gzip\r\nKeep-Alive: max=5, timeout=7\r\nRetry-After: 3';
    expect(readText(`HTTP/1.1 503 \r\n${fields}\r\ncontent-length: 0\r\n\r\n`).response?.head).toEqual({
      status: 503,
      framing: 0,
      keepsAlive: true,
      keepAliveMs: 7_000,
      contentType: 'application/json',
      contentEncoding: 'gzip',
      retryAfter: '3',
    });
    expect(readText('HTTP/1.1 200\r\nKeep-Alive: max=5\r\nContent-Length: 0\r\n\r\n').response?.head).toMatchObject({
      keepAliveMs: null,
      contentType: null,
    });
  });
});
