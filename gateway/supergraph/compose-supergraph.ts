import { type DocumentNode, GraphQLError, parse, printSchema } from 'graphql';
import { AppError } from '../../lib/errors.ts';
import { preprocessEvents } from './event-preprocessor.ts';
import { readEventSources } from './event-sources.ts';
import { loadSupergraph } from './load-supergraph.ts';
import { readSupergraphConfig } from './supergraph-config.ts';

/** What subgraphs compose to. */
export interface ComposedSupergraph {
  readonly supergraphSdl: string;
  /** The schema clients see, `@defer` included. */
  readonly apiSdl: string;
  /** What the composer noticed and let pass, as `CODE: text`. */
  readonly hints: readonly string[];
}

/** Hints that mean an input clients send would be dropped or refused by some subgraph: here they are errors. */
const FATAL_HINTS = new Set([
  'INCONSISTENT_INPUT_OBJECT_FIELD',
  'INCONSISTENT_ENUM_VALUE_FOR_INPUT_ENUM',
  'INCONSISTENT_DEFAULT_VALUE_PRESENCE',
  'INCONSISTENT_ARGUMENT_PRESENCE',
]);

/**
 * Composes the subgraphs of a rover-form `supergraph.yaml`. Event subgraphs written for Cosmo compose too.
 * AppError SUPERGRAPH_INVALID names the file, the subgraph and what was expected.
 */
export async function composeSupergraph({ file }: { file: string }): Promise<ComposedSupergraph> {
  const subgraphs = await readSupergraphConfig(file);
  // Only here: a gateway that is given a composed supergraph need not load the composer.
  const { composeServices } = await import('@apollo/composition');
  const result = composeServices(
    subgraphs.map(({ name, url, sdl }) => ({ name, url, typeDefs: toDocument(name, sdl, file) })),
  );
  if (result.errors) throw invalid(file, result.errors.map(({ message }) => message).join('\n'));
  const hints = result.hints.map(({ definition, message }) => ({ code: definition.code, message }));
  const fatal = hints.filter(({ code }) => FATAL_HINTS.has(code));
  if (fatal.length > 0) throw invalid(file, fatal.map(({ code, message }) => `[${code}] ${message}`).join('\n'));
  const { supergraphSdl } = result;
  readEventSources(supergraphSdl);
  return {
    supergraphSdl,
    apiSdl: printSchema(loadSupergraph(supergraphSdl).schema),
    hints: hints.map(({ code, message }) => `${code}: ${message}`),
  };
}

function toDocument(name: string, sdl: string, file: string): DocumentNode {
  try {
    return preprocessEvents(parse(sdl));
  } catch (cause) {
    if (!(cause instanceof GraphQLError)) throw cause;
    const line = cause.locations?.[0]?.line;
    throw invalid(
      file,
      `subgraph ${name}: expected GraphQL SDL, ${cause.message}${line ? ` (line ${line})` : ''}`,
      cause,
    );
  }
}

function invalid(file: string, problem: string, cause?: unknown): AppError {
  return new AppError('SUPERGRAPH_INVALID', `${file}: ${problem}`, { cause });
}
