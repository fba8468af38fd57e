import type {
  ConstDirectiveNode,
  FieldDefinitionNode,
  ObjectTypeDefinitionNode,
  ObjectTypeExtensionNode,
} from 'graphql';
import { Kind, OperationTypeNode, parse, valueFromASTUntyped } from 'graphql';
import { AppError } from '../../lib/errors.ts';

/**
 * A filter as `@openfed__subscriptionFilter(condition:)` writes it: Cosmo's `SubscriptionFilterCondition`, as plain JSON.
 * Values may hold templates such as `{{ args.ids }}`, left as they are.
 */
export interface FilterCondition {
  readonly AND?: readonly FilterCondition[];
  readonly OR?: readonly FilterCondition[];
  readonly NOT?: FilterCondition;
  readonly IN?: { readonly fieldPath: string; readonly values: readonly unknown[] };
}

/** Where the events of one Subscription field come from, as `@edfs__kafkaSubscribe` says. */
export interface EventSource {
  /** Name of the Subscription field. */
  readonly field: string;
  /** May hold templates such as `{{ args.id }}`. */
  readonly topics: readonly string[];
  readonly providerId: string;
  readonly condition: FilterCondition | null;
}

const DEFAULT_PROVIDER = 'default';

/**
 * The event-driven Subscription fields of a supergraph, by field name; nothing but the SDL is needed.
 * AppError SUPERGRAPH_INVALID when a directive's arguments have the wrong shape.
 */
export function readEventSources(supergraphSdl: string): ReadonlyMap<string, EventSource> {
  // Few supergraphs have any, and large ones take long to parse.
  if (!supergraphSdl.includes('@edfs__kafkaSubscribe')) return new Map();
  const document = parse(supergraphSdl, { noLocation: true });
  const schemas = document.definitions.filter((node) => node.kind === Kind.SCHEMA_DEFINITION);
  const root =
    schemas
      .flatMap((schema) => schema.operationTypes)
      .find(({ operation }) => operation === OperationTypeNode.SUBSCRIPTION)?.type.name.value ?? 'Subscription';
  const fields = document.definitions
    .filter((node): node is ObjectTypeDefinitionNode | ObjectTypeExtensionNode => isObject(node.kind))
    .filter((node) => node.name.value === root)
    .flatMap((node) => node.fields ?? []);
  return new Map(fields.flatMap(toEntry));
}

function isObject(kind: Kind): boolean {
  return kind === Kind.OBJECT_TYPE_DEFINITION || kind === Kind.OBJECT_TYPE_EXTENSION;
}

function toEntry(field: FieldDefinitionNode): [string, EventSource][] {
  const name = field.name.value;
  const subscribe = argumentsOf(field, 'edfs__kafkaSubscribe');
  if (!subscribe) return [];
  const { topics, providerId = DEFAULT_PROVIDER } = subscribe;
  const list = typeof topics === 'string' ? [topics] : topics;
  if (!Array.isArray(list) || list.length === 0 || !list.every((topic) => typeof topic === 'string'))
    throw invalid(name, '@edfs__kafkaSubscribe needs topics, a list of at least one text');
  if (typeof providerId !== 'string') throw invalid(name, 'providerId of @edfs__kafkaSubscribe must be a text');
  return [[name, { field: name, topics: list, providerId, condition: conditionOf(field) }]];
}

function conditionOf(field: FieldDefinitionNode): FilterCondition | null {
  const filter = argumentsOf(field, 'openfed__subscriptionFilter');
  if (!filter) return null;
  if (!isCondition(filter['condition']))
    throw invalid(
      field.name.value,
      'condition of @openfed__subscriptionFilter must be one of AND, OR (a list of conditions), NOT (a condition), IN (fieldPath, values)',
    );
  return filter['condition'];
}

function isCondition(value: unknown): value is FilterCondition {
  if (!isRecord(value)) return false;
  const given = Object.entries(value).filter(([, part]) => part !== null && part !== undefined);
  const [kind, part] = given[0] ?? [];
  if (given.length !== 1) return false;
  if (kind === 'AND' || kind === 'OR') return Array.isArray(part) && part.length > 0 && part.every(isCondition);
  if (kind === 'NOT') return isCondition(part);
  return kind === 'IN' && isRecord(part) && typeof part['fieldPath'] === 'string' && Array.isArray(part['values']);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function argumentsOf(field: FieldDefinitionNode, name: string): Record<string, unknown> | null {
  const directive = field.directives?.find((candidate: ConstDirectiveNode) => candidate.name.value === name);
  if (!directive) return null;
  return Object.fromEntries(
    (directive.arguments ?? []).map((node) => [node.name.value, valueFromASTUntyped(node.value)]),
  );
}

function invalid(field: string, expected: string): AppError {
  return new AppError('SUPERGRAPH_INVALID', `Subscription.${field}: ${expected}.`, {
    extensions: { coordinate: `Subscription.${field}` },
  });
}
