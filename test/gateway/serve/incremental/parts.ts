/** A part of a `multipart/mixed` body. */
export interface Part {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/**
 * The parts of a multipart answer as they come (RFC 2046 §5.1). Written for the tests: it is strict about delimiters, and
 * refuses a preamble, an epilogue and an end that never comes.
 */
export async function* readParts(response: Response): AsyncGenerator<Part> {
  let isBegun = false;
  for await (const text of readBetween(response)) {
    if (isBegun) yield toPart(text);
    else if (text !== '') throw new Error(`a preamble: ${text}`);
    isBegun = true;
  }
}

/** What stands before each delimiter, as soon as that is there; ends with the closing one. */
async function* readBetween(response: Response): AsyncGenerator<string> {
  const boundary = /boundary="([^"]*)"/.exec(response.headers.get('content-type') ?? '')?.[1];
  if (boundary === undefined || !response.body) throw new Error('not a multipart answer');
  const delimiter = `\r\n--${boundary}`;
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let text = '';
  for await (const chunk of response.body) {
    text += decoder.decode(chunk, { stream: true });
    for (let end = endOf(text, delimiter); end >= 0; end = endOf(text, delimiter)) {
      yield text.slice(0, end);
      text = text.slice(end + delimiter.length);
      if (text === '--\r\n') return;
      if (!text.startsWith('\r\n')) throw new Error(`not the end of a delimiter: ${text}`);
      text = text.slice(2);
    }
  }
  throw new Error(`the answer breaks off: ${text}`);
}

/** Where a delimiter begins whose next two characters, which say what it is, are there. */
function endOf(text: string, delimiter: string): number {
  const end = text.indexOf(delimiter);
  return text.length >= end + delimiter.length + 2 ? end : -1;
}

function toPart(text: string): Part {
  const end = text.indexOf('\r\n\r\n');
  const lines = text.slice(0, end).split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]),
  );
  return { headers, body: JSON.parse(text.slice(end + 4)) };
}

/** All bodies of an answer. */
export async function readBodies(response: Response): Promise<unknown[]> {
  const bodies: unknown[] = [];
  for await (const { body } of readParts(response)) bodies.push(body);
  return bodies;
}
