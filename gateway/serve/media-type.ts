/** A media type or range: its essence in lower case (`application/json`) and its parameters. */
export interface MediaType {
  readonly essence: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/** One media type as a header writes it (RFC 9110 §8.3.1). Lenient: what cannot be read becomes an essence nobody serves. */
export function parseMediaType(text: string): MediaType {
  const [essence = '', ...rest] = text.split(';');
  const parameters = rest.flatMap((part): [string, string][] => {
    const [name = '', value = ''] = part.split('=', 2);
    return [
      [
        name.trim().toLowerCase(),
        value
          .trim()
          .replace(/^"(.*)"$/, '$1')
          .toLowerCase(),
      ],
    ];
  });
  return { essence: essence.trim().toLowerCase(), parameters: new Map(parameters) };
}

/** Whether its charset is UTF-8 or left open; GraphQL over HTTP knows no other. */
export function isUtf8Type({ parameters }: MediaType): boolean {
  const charset = parameters.get('charset');
  return charset === undefined || charset === 'utf-8' || charset === 'utf8';
}

function quality({ parameters }: MediaType): number {
  const q = Number(parameters.get('q') ?? '1');
  return q >= 0 && q <= 1 ? q : 0;
}

/** The ranges of an Accept header, best first; of equal quality the first named comes first. */
export function parseAccept(header: string): MediaType[] {
  return header
    .split(',')
    .map(parseMediaType)
    .filter((range) => quality(range) > 0)
    .sort((left, right) => quality(right) - quality(left));
}
