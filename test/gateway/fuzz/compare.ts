/** An answer as JSON. */
export interface PlainAnswer {
  readonly data?: unknown;
  readonly errors?: readonly { readonly path?: readonly (string | number)[] | undefined }[] | undefined;
}

/** The engine tells no more errors than this in one answer; then those it tells must be among those wanted. */
const ERROR_LIMIT = 100;

/**
 * How an answer differs from what it should be; null when it does not. Data must be the same to the byte, order included.
 * Errors count by place: a path below a null is cut at that null, since of several causes of one null any may be told.
 */
export function differenceOf(wanted: PlainAnswer, got: PlainAnswer): string | null {
  const [wantedData, gotData] = [JSON.stringify(wanted.data ?? null), JSON.stringify(got.data ?? null)];
  if (wantedData !== gotData) return `data differs\nwanted ${wantedData}\ngot    ${gotData}`;
  const [wantedPlaces, gotPlaces] = [placesOf(wanted), placesOf(got)];
  const isCut = (got.errors?.length ?? 0) >= ERROR_LIMIT && gotPlaces.every((place) => wantedPlaces.includes(place));
  if (!isCut && wantedPlaces.join() !== gotPlaces.join())
    return `errors differ\nwanted ${wantedPlaces.join(' ')}\ngot    ${gotPlaces.join(' ')}\ndata   ${gotData}`;
  return null;
}

/** The places errors speak of, each once, sorted: a path cut at the first null on its way. */
export function placesOf({ data, errors = [] }: PlainAnswer): string[] {
  return [...new Set(errors.map(({ path = [] }) => cutAtNull(data ?? null, path)))].sort();
}

function cutAtNull(data: unknown, path: readonly (string | number)[]): string {
  let value = data;
  for (const [index, key] of path.entries()) {
    if (value === null || value === undefined) return `/${path.slice(0, index).join('/')}`;
    value = (value as Record<string | number, unknown>)[key];
  }
  return `/${path.join('/')}`;
}
