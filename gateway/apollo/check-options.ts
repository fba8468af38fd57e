import { AppError } from '../../lib/errors.ts';
import { APOLLO_OPTIONS, type OptionSupport, OWN_OPTIONS } from './option-support.ts';

/** Two answers to the question where the schema comes from would be one too many. */
const SCHEMA_OPTIONS = ['supergraphSdl', 'serviceList', 'localServiceList'];

/** Refuses what would otherwise be ignored in silence. AppError CONFIG_INVALID names the option and says what to do. */
export function checkApolloOptions(options: object): void {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  for (const [name, value] of given) {
    const known: OptionSupport | undefined = Object.hasOwn(APOLLO_OPTIONS, name)
      ? APOLLO_OPTIONS[name as keyof typeof APOLLO_OPTIONS]
      : undefined;
    if (!known && !OWN_OPTIONS.includes(name)) throw refused(name, 'There is no such option.');
    if (known?.support === 'refused' && !known.harmless?.(value)) throw refused(name, known.note);
  }
  const sources = given.map(([name]) => name).filter((name) => SCHEMA_OPTIONS.includes(name));
  if (sources.length > 1) throw refused(sources.join(' and '), 'Give one of them.');
  const { localServiceList, buildService } = options as Record<string, unknown>;
  if (localServiceList !== undefined && typeof buildService !== 'function')
    throw refused('localServiceList', 'It needs buildService, which says how those services are called.');
}

function refused(option: string, advice: string): AppError {
  return new AppError('CONFIG_INVALID', `createApolloGateway, option ${option}: ${advice}`, {
    extensions: { setting: option },
  });
}
