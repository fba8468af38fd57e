import type {
  DefinitionNode,
  FieldDefinitionNode,
  InputObjectTypeDefinitionNode,
  InputValueDefinitionNode,
  InterfaceTypeDefinitionNode,
  ObjectTypeDefinitionNode,
  TypeDefinitionNode,
  TypeNode,
} from 'graphql';
import { Kind } from 'graphql';
import { AppError } from '../../lib/errors.ts';
import type { Visibility } from './visibility.ts';

/** Type definitions by name. */
export type TypeNodes = ReadonlyMap<string, TypeDefinitionNode>;

/** How far narrowing has come. */
export interface Narrowing {
  /** Types that are still there. */
  readonly left: TypeNodes;
  /** Types that were there. */
  readonly gone: ReadonlySet<string>;
  readonly visibility: Visibility;
  /** What becomes of that which cannot be used without something hidden. */
  readonly whenRequired: WhenRequired;
}

/** `refuse`: AppError SUPERGRAPH_INVALID names what is hidden, for those who write contracts. `hide`: it is hidden as well. */
export type WhenRequired = 'refuse' | 'hide';

type Fielded = ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode;

/** An argument or an input field under its coordinate, and whether it is visible itself. */
type Input = readonly [node: InputValueDefinitionNode, coordinate: string, visible: boolean];

/** A definition without what is hidden or refers to it; the same object when it loses nothing, null when nothing is left. */
export function narrowDefinition(node: DefinitionNode, narrowing: Narrowing): DefinitionNode | null {
  const { visibility, gone } = narrowing;
  if (node.kind === Kind.SCHEMA_DEFINITION) {
    const operationTypes = node.operationTypes.filter(({ type }) => !gone.has(type.name.value));
    return operationTypes.length === node.operationTypes.length ? node : { ...node, operationTypes };
  }
  if (!('name' in node) || !node.name || node.kind === Kind.DIRECTIVE_DEFINITION) return node;
  const type = node.name.value;
  if (!visibility.type(type)) return null;
  switch (node.kind) {
    case Kind.OBJECT_TYPE_DEFINITION:
    case Kind.INTERFACE_TYPE_DEFINITION:
      return narrowFields(node, narrowing);
    case Kind.UNION_TYPE_DEFINITION:
      return withMembers(node, 'types', node.types ?? [], ({ name }) => !gone.has(name.value));
    case Kind.ENUM_TYPE_DEFINITION:
      return withMembers(node, 'values', node.values ?? [], ({ name }) => visibility.member(type, name.value));
    case Kind.INPUT_OBJECT_TYPE_DEFINITION:
      return narrowInput(node, narrowing);
    default:
      return node;
  }
}

function narrowFields(node: Fielded, narrowing: Narrowing): Fielded | null {
  const { gone } = narrowing;
  const implementers = node.kind === Kind.INTERFACE_TYPE_DEFINITION ? implementersOf(node.name.value, narrowing) : [];
  const interfaces = (node.interfaces ?? []).filter(({ name }) => !gone.has(name.value));
  const fields = (node.fields ?? []).flatMap((field) => {
    const everywhere = implementers.every((other) => other.fields?.some(({ name }) => name.value === field.name.value));
    return (everywhere && narrowField(node.name.value, field, narrowing)) || [];
  });
  if (fields.length === 0) return null;
  const isWhole = fields.length === node.fields?.length && fields.every((field, at) => field === node.fields?.[at]);
  return isWhole && interfaces.length === (node.interfaces ?? []).length ? node : { ...node, fields, interfaces };
}

function implementersOf(name: string, { left }: Narrowing): Fielded[] {
  return [...left.values()].filter(
    (other): other is Fielded =>
      'interfaces' in other && (other.interfaces ?? []).some((implemented) => implemented.name.value === name),
  );
}

function narrowField(type: string, field: FieldDefinitionNode, narrowing: Narrowing): FieldDefinitionNode | null {
  const { visibility, gone } = narrowing;
  const name = field.name.value;
  if (!visibility.member(type, name) || gone.has(nameOf(field.type))) return null;
  const given = field.arguments ?? [];
  const kept = keptInputs(
    given.map((node) => {
      const argument = node.name.value;
      return [node, `${type}.${name}(${argument}:)`, visibility.argument(type, name, argument)];
    }),
    narrowing,
  );
  if (kept === null) return null;
  return kept.length === given.length ? field : { ...field, arguments: kept };
}

function narrowInput(node: InputObjectTypeDefinitionNode, narrowing: Narrowing): InputObjectTypeDefinitionNode | null {
  const type = node.name.value;
  const given = node.fields ?? [];
  const fields = keptInputs(
    given.map((field) => {
      const name = field.name.value;
      return [field, `${type}.${name}`, narrowing.visibility.member(type, name)];
    }),
    narrowing,
  );
  if (fields === null || fields.length === 0) return null;
  return fields.length === given.length ? node : { ...node, fields };
}

/** Those that are left; null when what needs them cannot be used any more. */
function keptInputs(
  inputs: readonly Input[],
  { gone, whenRequired }: Narrowing,
): readonly InputValueDefinitionNode[] | null {
  const isKept = ([node, , visible]: Input) => visible && !gone.has(nameOf(node.type));
  const missing = inputs.find(
    (input) => !isKept(input) && input[0].type.kind === Kind.NON_NULL_TYPE && !input[0].defaultValue,
  );
  if (missing && whenRequired === 'hide') return null;
  if (missing)
    throw new AppError('SUPERGRAPH_INVALID', `A contract hides ${missing[1]}, which is required where it stands.`);
  return inputs.filter(isKept).map(([node]) => node);
}

function withMembers<Node extends DefinitionNode, Key extends keyof Node, Member>(
  node: Node,
  key: Key,
  members: readonly Member[],
  keeps: (member: Member) => boolean,
): Node | null {
  const kept = members.filter(keeps);
  if (kept.length === 0) return null;
  return kept.length === members.length ? node : { ...node, [key]: kept };
}

function nameOf(type: TypeNode): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : nameOf(type.type);
}
