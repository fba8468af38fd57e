import {
  type AbstractModel,
  allMembers,
  type EntityModel,
  type FieldModel,
  KEY_FIELDS,
  KEYS,
  keyFieldsOf,
  namedType,
  SHARED_SDL,
  type World,
} from './world.ts';

/** The graph as one schema. */
export function printWhole(world: World): string {
  const used = new Set(reachable(world, null));
  const abstracts = world.abstracts.filter(({ name }) => used.has(name) || allMembers(byName(world, name)).length > 0);
  const entities = world.entities.map((entity) => {
    const heads = abstracts.filter((a) => a.kind === 'interface' && allMembers(a).includes(entity.name));
    const keys = keyFieldsOf(KEYS[entity.key]).map(printKeyField);
    return printType(`type ${entity.name}${printImplements(heads)}`, [
      ...keys,
      ...entity.fields.map((f) => printField(f)),
    ]);
  });
  const values = world.values.filter(({ name }) => used.has(name));
  return [
    SHARED_SDL,
    ...(world.entities.some(({ key }) => key === 'nested') ? ['type Org { id: ID! }'] : []),
    printType(
      'type Query',
      world.roots.map((field) => printField(field)),
    ),
    ...printEvent(world),
    ...entities,
    ...values.map(({ name, fields }) =>
      printType(
        `type ${name}`,
        fields.map((field) => printField(field)),
      ),
    ),
    ...abstracts.map((abstract) => printWholeAbstract(world, abstract)),
  ].join('\n');
}

/** One subgraph's part of it, without the federation link. */
export function printPart(world: World, subgraph: string): string {
  const used = new Set(reachable(world, subgraph));
  const roots = world.roots.filter(({ owners, from }) => owners.includes(subgraph) || from === subgraph);
  const entities = world.entities.filter(({ name, homes }) => homes[subgraph] || used.has(name));
  const hidden = (name: string) =>
    world.abstracts.some(({ asObject, members }) => asObject?.object === subgraph && members[subgraph]?.includes(name));
  const parts = entities.filter(({ name }) => !hidden(name)).map((entity) => printEntityPart(world, entity, subgraph));
  const values = world.values.filter(({ name }) => used.has(name));
  return [
    SHARED_SDL,
    ...(parts.some((part) => part.includes('org: Org!')) ? ['type Org @shareable { id: ID! }'] : []),
    ...(roots.length > 0
      ? [
          printType(
            'type Query',
            roots.map((field) => printField(field, subgraph)),
          ),
        ]
      : []),
    ...(subgraph === 'events' ? printEvent(world) : []),
    ...parts,
    ...values.map(({ name, fields }) =>
      printType(
        `type ${name} @shareable`,
        fields.map((field) => printField(field)),
      ),
    ),
    ...world.abstracts.flatMap((abstract) => printAbstractPart(world, abstract, subgraph)),
  ].join('\n');
}

/** Names of types a subgraph (null: anybody) must define because a field of its own returns them. */
function reachable(world: World, subgraph: string | null): string[] {
  const has = ({ owners, from }: FieldModel) => subgraph === null || owners.includes(subgraph) || from === subgraph;
  const fields = [...world.roots, ...world.entities.flatMap((entity) => entity.fields)].filter(has);
  const names = fields.map(({ type }) => namedType(type));
  const members = world.abstracts.flatMap((a) => (subgraph === null ? allMembers(a) : (a.members[subgraph] ?? [])));
  const direct = new Set([...names, ...members]);
  const inside = world.values.filter(({ name }) => direct.has(name)).flatMap((value) => value.fields);
  return [...direct, ...inside.map(({ type }) => namedType(type))];
}

function printEntityPart(world: World, entity: EntityModel, subgraph: string): string {
  const keys = entity.homes[subgraph];
  const known = keys ?? KEYS[entity.key].slice(0, 1);
  const directives = known.map((key) => ` @key(fields: "${key}"${keys ? '' : ', resolvable: false'})`).join('');
  const heads = world.abstracts.filter((a) => a.kind === 'interface' && a.members[subgraph]?.includes(entity.name));
  const own = entity.fields.filter(({ owners, from }) => owners.includes(subgraph) || from === subgraph);
  const external = externalsOf(world, entity, subgraph).map((field) => `${printSignature(field)} @external`);
  return printType(`type ${entity.name}${printImplements(heads)}${directives}`, [
    ...keyFieldsOf(known).map((field) =>
      shared(world, entity, field) ? `${printKeyField(field)} @shareable` : printKeyField(field),
    ),
    ...own.map((field) => printField(field, subgraph, isProvided(world, entity, field))),
    ...external,
  ]);
}

/** Key fields may be had everywhere, whether they are a key in the subgraph or not. */
function shared(_world: World, { key }: EntityModel, field: string): boolean {
  return key === 'several' && (field === 'id' || field === 'sku');
}

function externalsOf(world: World, entity: EntityModel, subgraph: string): FieldModel[] {
  const required = entity.fields
    .filter(({ owners }) => owners.includes(subgraph))
    .flatMap(({ requires }) => Object.keys(requires ?? {}));
  const provided = fieldsOf(world)
    .filter(({ owners, type }) => owners.includes(subgraph) && namedType(type) === entity.name)
    .flatMap(({ provides }) => provides ?? []);
  const names = new Set([...required, ...provided]);
  return entity.fields.filter(({ name }) => names.has(name));
}

function isProvided(world: World, entity: EntityModel, { name }: FieldModel): boolean {
  return fieldsOf(world).some(({ type, provides }) => namedType(type) === entity.name && provides?.includes(name));
}

function fieldsOf({ roots, entities }: World): FieldModel[] {
  return [...roots, ...entities.flatMap(({ fields }) => fields)];
}

function printAbstractPart(world: World, abstract: AbstractModel, subgraph: string): string[] {
  const { name, kind, members, asObject } = abstract;
  const mine = members[subgraph];
  if (!mine) return [];
  if (kind === 'union') return [`union ${name} = ${mine.join(' | ')}`];
  if (asObject?.object === subgraph)
    return [
      printType(`type ${name} @key(fields: "id") @interfaceObject`, [
        'id: ID!',
        ...asObject.fields.map((field) => printField(field, subgraph)),
      ]),
    ];
  const head = `interface ${name}${asObject ? ' @key(fields: "id")' : ''}`;
  return [printType(head, ['id: ID!', ...interfaceFields(world, abstract, subgraph).map(printSignature)])];
}

/** Fields of an interface in one subgraph: those that all its types there have there. */
function interfaceFields(world: World, { fields, members }: AbstractModel, subgraph: string): FieldModel[] {
  const types = world.entities.filter(({ name }) => members[subgraph]?.includes(name));
  return fields.flatMap((name) => {
    const each = types.map((type) =>
      type.fields.find((field) => field.name === name && field.owners.includes(subgraph)),
    );
    const [first] = each;
    return first && each.every(Boolean) ? [first] : [];
  });
}

function printWholeAbstract(world: World, abstract: AbstractModel): string {
  const { name, kind, members, asObject } = abstract;
  if (kind === 'union') return `union ${name} = ${allMembers(abstract).join(' | ')}`;
  const known = Object.keys(members).flatMap((subgraph) =>
    asObject?.object === subgraph ? asObject.fields : interfaceFields(world, abstract, subgraph),
  );
  const fields = new Map(known.map((field) => [field.name, printSignature(field)]));
  return printType(`interface ${name}`, ['id: ID!', ...fields.values()]);
}

function printEvent({ event }: World): string[] {
  return event ? [printType('type Subscription', [`changed: ${event.name}!`])] : [];
}

function byName(world: World, name: string): AbstractModel {
  return world.abstracts.find((abstract) => abstract.name === name) as AbstractModel;
}

function printType(head: string, fields: readonly string[]): string {
  return `${head} {\n${fields.map((field) => `  ${field}\n`).join('')}}`;
}

function printKeyField(name: string): string {
  return `${name}: ${KEY_FIELDS[name]}`;
}

function printImplements(heads: readonly AbstractModel[]): string {
  return heads.length > 0 ? ` implements ${heads.map(({ name }) => name).join(' & ')}` : '';
}

function printSignature({ name, type, args }: FieldModel): string {
  const list = args.map((arg) => `${arg.name}: ${arg.type}${arg.fallback ? ` = ${arg.fallback}` : ''}`);
  return `${name}${list.length > 0 ? `(${list.join(', ')})` : ''}: ${type}`;
}

function printField(field: FieldModel, subgraph?: string, provided = false): string {
  const { owners, from, requires, provides } = field;
  const directives: string[] = [];
  if (subgraph !== undefined && (owners.length > 1 || provided)) directives.push('@shareable');
  if (subgraph !== undefined && from && owners.includes(subgraph)) directives.push(`@override(from: "${from}")`);
  if (subgraph !== undefined && owners.includes(subgraph)) {
    if (requires) directives.push(`@requires(fields: "${printSet(requires)}")`);
    if (provides) directives.push(`@provides(fields: "${provides.join(' ')}")`);
  }
  return [printSignature(field), ...directives].join(' ');
}

function printSet(set: Readonly<Record<string, readonly string[]>>): string {
  return Object.entries(set)
    .map(([name, below]) => (below.length > 0 ? `${name} { ${below.join(' ')} }` : name))
    .join(' ');
}
