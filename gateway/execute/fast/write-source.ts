import type { GraphQLObjectType, GraphQLOutputType, GraphQLSchema } from 'graphql';
import { getNamedType, getNullableType, isLeafType, isListType, isObjectType } from 'graphql';
import type { SelectedField, SelectionGroup } from '../client-selection.ts';
import { literal, type Source } from '../codegen/source.ts';
import { headerOf, type Layout, leafText } from './gather-source.ts';
import { childOf, fieldAt, type Place, type Source as ReplySource } from './places.ts';
import type { ReplyField } from './reply-shape.ts';
import { Unplain } from './unplain.ts';

/** What the writers of an operation are made of. */
export interface Writing {
  readonly schema: GraphQLSchema;
  readonly layout: Layout;
  /** Representation fields by list: what is the same wherever an entity of the list occurs. */
  readonly identity: (list: number) => ReadonlySet<string>;
  /** Generated functions, and the variables that hold their memos. */
  readonly functions: Source[];
  readonly memos: string[];
}

/** A field of the answer with where it comes from. */
interface Written {
  readonly key: string;
  readonly source: ReplySource;
  readonly field: ReplyField;
}

/** Either constant text or an expression, in the order of the answer. */
type Piece = { readonly text: string } | { readonly expression: Source };

/**
 * Generates `writeN(v)`, which gives the JSON of an object of the answer, and those of all objects in it. The object's anchor
 * is `v`. Gives the function's name. Marks all fields of replies that clients see.
 */
export function writerOf(place: Place, group: SelectionGroup, writing: Writing): string {
  const fields = group.fieldsOn(apiType(place.typename, writing.schema));
  const pieces: Piece[] = [{ text: '{' }];
  const written: Written[] = [];
  for (const selected of fields) {
    const comma = pieces.length > 1 ? ',' : '';
    if (selected.denied) throw new Unplain('denied');
    if (selected.name === '__typename') {
      pieces.push({ text: `${comma}"${selected.key}":${literal(place.typename)}` });
      continue;
    }
    if (selected.name.startsWith('__')) throw new Unplain('introspection');
    const one = { key: selected.key, ...see(place, selected) };
    pieces.push({ text: `${comma}"${selected.key}":` }, { expression: valueOf(place, selected, one, writing) });
    written.push(one);
  }
  pieces.push({ text: '}' });
  const name = `write${writing.functions.length}`;
  writing.functions.push(asFunction(name, place, written, pieces, writing));
  return name;
}

function apiType(name: string, schema: GraphQLSchema): GraphQLObjectType {
  const type = schema.getType(name);
  if (!isObjectType(type)) throw new Unplain('abstract-type');
  return type;
}

/** Finds a field's source and notes as what clients see it. */
function see(place: Place, { source: key, type, below }: SelectedField): Omit<Written, 'key'> {
  const found = fieldAt(place, key);
  if (found.field.kind !== kindOf(type, below)) throw new Unplain('abstract-type');
  found.field.seenAs = type;
  return found;
}

function kindOf(type: GraphQLOutputType, below: SelectionGroup | null): ReplyField['kind'] {
  const named = getNamedType(type);
  if (isLeafType(named)) return 'leaf';
  if (!isObjectType(named) || !below) throw new Unplain('abstract-type');
  return isListType(getNullableType(type)) ? 'list' : 'object';
}

function valueOf(place: Place, selected: SelectedField, { source, field }: Written, writing: Writing): Source {
  const header = headerName(source);
  if (field.kind === 'leaf') return leafText(source, field, header);
  const { below } = selected;
  if (!below) throw new Unplain('abstract-type');
  const inner = writerOf(childOf(place, selected.source), below, writing);
  const pointer = `tape[${header} + ${field.slot + 1}]`;
  if (field.kind === 'list') return `list(${pointer}, ${inner})`;
  return `object(${pointer}, ${inner})`;
}

function headerName({ at }: ReplySource): string {
  if (at.kind === 'inline') return 'v';
  return at.kind === 'root' ? 'root' : `e${at.list}`;
}
