import { AppError } from '../../../lib/errors.ts';
import { fromFile } from './from-file.ts';
import { fromUrl, type UrlSourceOptions } from './from-url.ts';
import { fromYaml } from './from-yaml.ts';
import type { SupergraphSource } from './source.ts';

/**
 * The source that a text names: an http(s) URL, a `supergraph.yaml` by its ending, else a file of SDL. AppError CONFIG_INVALID
 * for a URL that is none.
 */
export function toSupergraphSource(place: string, options: UrlSourceOptions = {}): SupergraphSource {
  const { pollMs } = options;
  const times = pollMs === undefined ? {} : { pollMs };
  if (/^https?:\/\//i.test(place)) return fromUrl(checked(place), options);
  return /\.ya?ml$/i.test(place) ? fromYaml(place, times) : fromFile(place, times);
}

/** A URL with credentials would be refused by fetch at each try. */
function checked(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed && !parsed.username && !parsed.password) return url;
  throw new AppError(
    'CONFIG_INVALID',
    'The URL of the supergraph must be an http or https URL without credentials; a key goes into supergraph.headers of the configuration file.',
  );
}
