import { buildSchema, type GraphQLSchema, Source } from 'graphql';

/** What a change of a schema does to those who use it. */
export type SchemaImpact = 'breaking' | 'dangerous' | 'safe';

/** One difference between two versions of a schema. */
export interface SchemaChange {
  readonly impact: SchemaImpact;
  /** A sentence. */
  readonly message: string;
  /** The coordinate, `Type.field`; null for the schema as a whole. */
  readonly path: string | null;
}

const IMPACTS: Readonly<Record<string, SchemaImpact>> = { BREAKING: 'breaking', DANGEROUS: 'dangerous' };

/** The changes from one client schema to another, the grave ones first. Descriptions alone are left out. */
export async function listSchemaChanges(before: string, after: string): Promise<SchemaChange[]> {
  // Only here: nobody who serves requests needs the inspector.
  const { diff } = await import('@graphql-inspector/core');
  const changes = await diff(toSchema(before), toSchema(after));
  const order: readonly SchemaImpact[] = ['breaking', 'dangerous', 'safe'];
  return changes
    .filter(({ type }) => !String(type).includes('DESCRIPTION'))
    .map(({ criticality, message, path }) => ({
      impact: IMPACTS[criticality.level] ?? 'safe',
      message: message.endsWith('.') ? message : `${message}.`,
      path: path ?? null,
    }))
    .sort((a, b) => order.indexOf(a.impact) - order.indexOf(b.impact));
}

/** What is wrong with a saved operation on a schema. */
export interface BrokenOperation {
  /** The file or id that it came with. */
  readonly name: string;
  readonly errors: readonly string[];
}

/** Saved operations, by file or id, that no longer fit a schema. */
export async function findBrokenOperations(
  sdl: string,
  operations: Readonly<Record<string, string>>,
): Promise<BrokenOperation[]> {
  const { validate } = await import('@graphql-inspector/core');
  const sources = Object.entries(operations).map(([name, text]) => new Source(text, name));
  return validate(toSchema(sdl), sources, { strictDeprecated: false }).map(({ source, errors }) => ({
    name: source.name,
    errors: errors.map(({ message }) => message),
  }));
}

function toSchema(sdl: string): GraphQLSchema {
  return buildSchema(sdl, { assumeValidSDL: true });
}
