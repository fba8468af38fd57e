/** A media type or range: its essence in lower case (`application/json`) and its parameters. */
export interface MediaType {
  readonly essence: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/** A range of an Accept header and how much it is wanted, over 0 to 1. */
export interface AcceptedRange extends MediaType {
  readonly quality: number;
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

/** A quality value (RFC 9110 §12.4.2); what is none counts as "not at all". */
export function qualityOf({ parameters }: MediaType): number {
  const q = Number(parameters.get('q') ?? '1');
  return q >= 0 && q <= 1 ? q : 0;
}

/** The ranges of an Accept header, best first; of equal quality the first named comes first. */
export function parseAccept(header: string): AcceptedRange[] {
  return header
    .split(',')
    .map(parseMediaType)
    .map((range) => ({ ...range, quality: qualityOf(range) }))
    .filter(({ quality }) => quality > 0)
    .sort((left, right) => right.quality - left.quality);
}
