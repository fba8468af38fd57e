import { readFileSync } from 'node:fs';
import { type ASTNode, type DocumentNode, Kind, parse, visit } from 'graphql';
import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { readScopePolicy } from '../../../lib/scope-directives.ts';

const root = new URL('../../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
const supergraph = parseYaml(read('supergraph.yaml')) as { subgraphs: Record<string, { schema: { file: string } }> };
const schemas = Object.entries(supergraph.subgraphs).map(([name, { schema }]) => [name, read(schema.file)] as const);
const common = read('subgraphs/kit/common.graphql').trim();
const events = read('subgraphs/kit/events.graphql').trim();

/** Root fields anyone with a tenant may ask, without a scope. None so far. */
const PUBLIC: readonly string[] = [];
const ROOTS = ['Query', 'Mutation', 'Subscription'];

function rootFields(document: DocumentNode): string[] {
  return document.definitions.flatMap((definition) => {
    const isRoot = definition.kind === Kind.OBJECT_TYPE_DEFINITION || definition.kind === Kind.OBJECT_TYPE_EXTENSION;
    if (!isRoot || !ROOTS.includes(definition.name.value)) return [];
    return (definition.fields ?? []).map((field) => `${definition.name.value}.${field.name.value}`);
  });
}

/** What has to say what it is; the root types themselves are no subgraph's own. */
function describable(node: ASTNode): boolean {
  const kinds: string[] = [
    Kind.FIELD_DEFINITION,
    Kind.INPUT_VALUE_DEFINITION,
    Kind.ENUM_VALUE_DEFINITION,
    Kind.OBJECT_TYPE_DEFINITION,
    Kind.INTERFACE_TYPE_DEFINITION,
    Kind.UNION_TYPE_DEFINITION,
    Kind.ENUM_TYPE_DEFINITION,
    Kind.INPUT_OBJECT_TYPE_DEFINITION,
    Kind.SCALAR_TYPE_DEFINITION,
    Kind.DIRECTIVE_DEFINITION,
  ];
  const isRootType = node.kind === Kind.OBJECT_TYPE_DEFINITION && ROOTS.includes(node.name.value);
  return kinds.includes(node.kind) && !isRootType;
}

describe.each(schemas)('the schema of %s', (_name, sdl) => {
  const document = parse(sdl);

  it('has the common block word for word', () => {
    expect(sdl).toContain(common);
  });

  it('defines event directives as everyone does, if it has any', () => {
    if (sdl.includes('@edfs__kafkaSubscribe(topics')) expect(sdl).toContain(events);
  });

  it('rules every root field by a scope, or lists it as public', () => {
    const policy = readScopePolicy(document);
    expect(rootFields(document).filter((field) => !policy.has(field) && !PUBLIC.includes(field))).toEqual([]);
  });

  it('puts scopes on fields, never on types', () => {
    expect([...readScopePolicy(document).keys()].filter((coordinate) => !coordinate.includes('.'))).toEqual([]);
  });

  it('describes every type, field, argument and value', () => {
    const silent: string[] = [];
    visit(document, {
      enter(node) {
        if (describable(node) && 'name' in node && !('description' in node && node.description))
          silent.push(`${node.kind} ${String(node.name && 'value' in node.name ? node.name.value : '')}`);
      },
    });
    expect(silent).toEqual([]);
  });
});
