import type { GraphQLObjectType, GraphQLSchema } from 'graphql';
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

/** A field of the answer. */
type Member =
  | { readonly kind: 'constant'; readonly key: string; readonly json: string }
  | {
      readonly kind: 'leaf' | 'nested';
      readonly key: string;
      readonly source: ReplySource;
      readonly field: ReplyField;
      readonly value: Source;
    };

/**
 * Generates `writeN(v)`, which gives the JSON of an object of the answer whose anchor is `v`, and the same for all objects in
 * it. Gives the function's name. Marks all fields of replies that clients see.
 */
export function writerOf(place: Place, group: SelectionGroup, writing: Writing): string {
  const fields = group.fieldsOn(apiType(place.typename, writing.schema));
  const members = fields.map((selected) => toMember(place, selected, writing));
  const name = `write${writing.functions.length}`;
  writing.functions.push(functionOf(name, place, members, writing));
  return name;
}

function toMember(place: Place, selected: SelectedField, writing: Writing): Member {
  const { key, name, denied } = selected;
  if (denied) throw new Unplain('denied');
  if (name === '__typename') return { kind: 'constant', key, json: literal(place.typename) };
  if (name.startsWith('__')) throw new Unplain('introspection');
  const { source, field } = fieldAt(place, selected.source);
  if (field.kind !== kindOf(selected)) throw new Unplain('abstract-type');
  field.seenAs = selected.type;
  const header = headerName(source);
  if (field.kind === 'leaf') return { kind: 'leaf', key, source, field, value: leafText(source, field, header) };
  return { kind: 'nested', key, source, field, value: nestedOf(place, selected, field, header, writing) };
}

function apiType(name: string, schema: GraphQLSchema): GraphQLObjectType {
  const type = schema.getType(name);
  if (!isObjectType(type)) throw new Unplain('abstract-type');
  return type;
}

function kindOf({ type, below }: SelectedField): ReplyField['kind'] {
  const named = getNamedType(type);
  if (isLeafType(named)) return 'leaf';
  if (!isObjectType(named) || !below) throw new Unplain('abstract-type');
  return isListType(getNullableType(type)) ? 'list' : 'object';
}

function nestedOf(place: Place, { source, below }: SelectedField, field: ReplyField, header: Source, writing: Writing) {
  if (!below) throw new Unplain('abstract-type');
  const write = writerOf(childOf(place, source), below, writing);
  const pointer = `tape[${header} + ${field.slot + 1}]`;
  if (field.kind === 'object') return `(${pointer} > 0 ? ${write}(${pointer}) : "null")`;
  const list = `list${writing.functions.length}`;
  writing.functions.push(`function ${list}(at) {
    if (at <= 0) return at === 0 ? "[]" : "null";
    let json = "[" + ${write}(at);
    for (let next = tape[at]; next > 0; next = tape[next]) json += "," + ${write}(next);
    return json + "]";
  }`);
  return `${list}(${pointer})`;
}

function headerName({ at, request }: ReplySource): string {
  if (at.kind === 'inline') return 'v';
  return at.kind === 'root' ? `r${request.index}` : `e${at.list}`;
}

function functionOf(name: string, place: Place, members: readonly Member[], writing: Writing): Source {
  const sources = new Set(members.flatMap((member) => (member.kind === 'constant' ? [] : member.source)));
  const headers = [...sources].flatMap((source) => {
    const header = headerOf(source, 'v', writing.layout);
    return source.at.kind === 'inline' ? [] : `const ${headerName(source)} = ${header};`;
  });
  const json = jsonOf(members);
  const memo = memoOf(place, members, sources, writing);
  if (!memo) return `function ${name}(v) { ${headers.join(' ')} return ${json}; }`;
  return `function ${name}(v) { ${memo.before} ${headers.join(' ')} const json = ${json}; ${memo.after} return json; }`;
}

/** The members as one expression. Leaves that stand side by side in a reply as in the answer are one slice of it. */
function jsonOf(members: readonly Member[]): Source {
  const parts: Source[] = [];
  let text = '{';
  for (let index = 0; index < members.length; index += 1) {
    const member = members[index] as Member;
    if (index > 0) text += ',';
    const last = lastOfRun(members, index);
    const end = members[last];
    if (member.kind === 'leaf' && end?.kind === 'leaf' && last > index) {
      parts.push(literal(text), runOf(member, end));
      text = '';
      index = last;
      continue;
    }
    text += `"${member.key}":`;
    if (member.kind === 'constant') text += member.json;
    else {
      parts.push(literal(text), member.value);
      text = '';
    }
  }
  return [...parts, literal(`${text}}`)].filter((part) => part !== '""').join(' + ');
}

function runOf(first: Extract<Member, { field: ReplyField }>, last: Extract<Member, { field: ReplyField }>): Source {
  const { source, field } = first;
  const start = { ...field.start, offset: field.start.offset - field.key.length - 3 };
  return leafText(source, { start, slot: last.field.slot }, headerName(source));
}

/** The index of the last leaf that follows without anything between, in the reply as in the answer, under its own name. */
function lastOfRun(members: readonly Member[], from: number): number {
  let last = from;
  for (let current = members[last]; isNamesake(current); current = members[last]) {
    const next = members[last + 1];
    if (!isNamesake(next) || next.source !== current.source) break;
    const { start } = next.field;
    if (start.slot !== current.field.slot || start.offset !== next.key.length + 4) break;
    last += 1;
  }
  return last;
}

function isNamesake(member: Member | undefined): member is Extract<Member, { field: ReplyField }> {
  return member?.kind === 'leaf' && member.key === member.field.key;
}

/**
 * Code that writes an object once for each entity it is made of. Sound where nothing in it depends on the occurrence: all of
 * it comes from entities, or is what they were asked by. What a parent's reply says of the object can differ each time.
 */
function memoOf(
  place: Place,
  members: readonly Member[],
  sources: ReadonlySet<ReplySource>,
  { identity, memos }: Writing,
): { readonly before: Source; readonly after: Source } | null {
  const entities = place.sources.flatMap(({ at }) => (at.kind === 'entity' ? [at] : []));
  const inline = members.flatMap((member) =>
    member.kind !== 'constant' && member.source.at.kind === 'inline' ? [member] : [],
  );
  const first = entities.find(({ list }) =>
    inline.every(({ kind, field }) => kind === 'leaf' && identity(list).has(field.key)),
  );
  if (!first || [...sources].some(({ at }) => at.kind === 'root')) return null;
  const others = [...sources].flatMap(({ at }) => (at.kind === 'entity' && at !== first ? [at] : []));
  const memo = `memo${memos.length}`;
  memos.push(memo);
  const checks = others.map(({ list, slot }) => {
    memos.push(`${memo}_${list}`);
    return { index: `i${list}`, read: `const i${list} = tape[v + ${slot}];`, kept: `${memo}_${list}[i]` };
  });
  const same = checks.map(({ index, kept }) => ` && ${kept} === ${index}`).join('');
  return {
    before: `const i = tape[v + ${first.slot}]; ${checks.map(({ read }) => read).join(' ')}
      if (${memo}[i] !== undefined${same}) return ${memo}[i];`,
    after: `${memo}[i] = json; ${checks.map(({ index, kept }) => `${kept} = ${index};`).join(' ')}`,
  };
}
