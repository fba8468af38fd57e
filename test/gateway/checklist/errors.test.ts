import { describeChecklist } from '../../support/federation-checklist.ts';

const fail = (message: string) => (): never => {
  throw new Error(message);
};
const users = [
  { id: 'u1', name: 'Ann', must: 'm1' },
  { id: 'u2', name: null, must: 'm2' },
  { id: 'u3', name: 'Cid', must: 'm3' },
];
const [first, second, third] = users;

describeChecklist(
  'errors and nulls that may not be',
  [
    {
      name: 'home',
      sdl: `type Query {
          maybe: User must: User! list: [User] strict: [User!] all: [User!]! grid: [[User!]!]
          boom: Int crash: Int! box: Box boxes: [Box!]! shy: Shy hint: Any hints: [Any!] }
        type Box { label: String! inner: Box owner: User! users: [User!] n: Int! open: User }
        union Any = Box | User
        interface Shy { id: ID! loud: Int! }
        type User implements Shy @key(fields: "id") { id: ID! own: String! loud: Int! }`,
      query: {
        maybe: { id: 'u1' },
        must: { id: 'u2' },
        list: users.map(({ id }) => ({ id })),
        strict: users.map(({ id }) => ({ id })),
        all: [{ id: 'u1' }, { id: 'u3' }],
        grid: [[{ id: 'u1' }], [{ id: 'u2' }, { id: 'u3' }]],
        boom: fail('boom'),
        crash: fail('crash'),
        box: {
          label: 'a',
          inner: { label: null, inner: null, n: 1 },
          owner: { id: 'u2' },
          users: [{ id: 'u1' }, { id: 'u2' }],
          n: null,
          open: { id: 'u2' },
        },
        boxes: [
          { label: 'a', owner: { id: 'u1' } },
          { label: 'b', owner: { id: 'u2' } },
        ],
        shy: { __typename: 'User', id: 'u2' },
        hint: { __typename: 'User', id: 'u2' },
        hints: [
          { __typename: 'Box', label: 'x', owner: { id: 'u2' } },
          { __typename: 'User', id: 'u1' },
        ],
      },
      entities: { User: users.map(({ id }) => ({ id })) },
      fields: {
        User: {
          own: ({ id }: { id: string }) => (id === 'u2' ? fail('no own')() : `own ${id}`),
          loud: ({ id }: { id: string }) => (id === 'u2' ? null : 1),
        },
      },
    },
    {
      name: 'names',
      sdl: `type User @key(fields: "id") { id: ID! name: String must: String! soft: String hard: String! friend: User mate: User! tags: [String!] marks: [[Int!]!]! }`,
      entities: { User: users },
      fields: {
        User: {
          soft: ({ id }: { id: string }) => (id === 'u2' ? fail('no soft')() : `soft ${id}`),
          hard: ({ id }: { id: string }) => (id === 'u2' ? fail('no hard')() : `hard ${id}`),
          friend: ({ id }: { id: string }) => (id === 'u1' ? second : third),
          mate: ({ id }: { id: string }) => (id === 'u1' ? third : id === 'u2' ? null : first),
          tags: ({ id }: { id: string }) => (id === 'u2' ? ['a', null] : ['a']),
          marks: ({ id }: { id: string }) => (id === 'u2' ? [[1], [2, null]] : [[1]]),
        },
      },
    },
  ],
  [
    {
      title: 'puts null where a nullable root field fails',
      query: '{ boom maybe { id } }',
      data: { boom: null, maybe: { id: 'u1' } },
      errors: { boom: 'INTERNAL' },
    },
    {
      title: 'has no data where a non-null root field fails',
      query: '{ crash maybe { id } }',
      data: null,
      errors: { crash: 'INTERNAL' },
    },
    {
      title: 'tells the client alias of a failing field',
      query: '{ x: boom y: boom }',
      data: { x: null, y: null },
      errors: { x: 'INTERNAL', y: 'INTERNAL' },
    },
    {
      title: 'puts null where a field behind a join fails',
      query: '{ list { id soft } }',
      data: {
        list: [
          { id: 'u1', soft: 'soft u1' },
          { id: 'u2', soft: null },
          { id: 'u3', soft: 'soft u3' },
        ],
      },
      errors: { 'list.1.soft': 'INTERNAL' },
    },
    {
      title: 'nulls the entity where a non-null field behind a join fails',
      query: '{ list { id hard } }',
      data: { list: [{ id: 'u1', hard: 'hard u1' }, null, { id: 'u3', hard: 'hard u3' }] },
      errors: { 'list.1.hard': 'INTERNAL' },
    },
    {
      title: 'nulls the list whose items may not be null',
      query: '{ strict { hard } maybe { id } }',
      data: { strict: null, maybe: { id: 'u1' } },
      errors: { 'strict.1.hard': 'INTERNAL' },
    },
    {
      title: 'keeps a list that was not hurt',
      query: '{ all { hard } }',
      data: { all: [{ hard: 'hard u1' }, { hard: 'hard u3' }] },
    },
    {
      title: 'has no data where the null comes up to the root',
      query: '{ must { hard } }',
      data: null,
      errors: { 'must.hard': 'INTERNAL' },
    },
    {
      title: 'nulls a list of lists',
      query: '{ grid { hard } }',
      data: { grid: null },
      errors: { 'grid.1.0.hard': 'INTERNAL' },
    },
    {
      title: 'tells the alias of a field behind a join',
      query: '{ list { s: soft h: hard } }',
      data: { list: [{ s: 'soft u1', h: 'hard u1' }, null, { h: 'hard u3', s: 'soft u3' }] },
      errors: { 'list.1.h': 'INTERNAL', 'list.1.s': 'INTERNAL' },
    },
    {
      title: 'tells each place of an entity that occurs twice',
      query: '{ a: must { soft } b: must { soft } }',
      data: { a: { soft: null }, b: { soft: null } },
      errors: { 'a.soft': 'INTERNAL', 'b.soft': 'INTERNAL' },
    },
    {
      title: 'fails at home and behind a join alike',
      query: '{ list { own } }',
      data: { list: [{ own: 'own u1' }, null, { own: 'own u3' }] },
      errors: { 'list.1.own': 'INTERNAL' },
    },
    {
      title: 'names a null in a non-null place',
      query: '{ box { n } }',
      data: { box: null },
      errors: { 'box.n': 'INTERNAL' },
    },
    {
      title: 'stops at the nearest place that may be null',
      query: '{ box { label inner { label } } }',
      data: { box: { label: 'a', inner: null } },
      errors: { 'box.inner.label': 'INTERNAL' },
    },
    {
      title: 'goes through value types',
      query: '{ boxes { label owner { id soft } } }',
      data: {
        boxes: [
          { label: 'a', owner: { id: 'u1', soft: 'soft u1' } },
          { label: 'b', owner: { id: 'u2', soft: null } },
        ],
      },
      errors: { 'boxes.1.owner.soft': 'INTERNAL' },
    },
    {
      title: 'goes up through a non-null entity of a value type',
      query: '{ box { label owner { hard } } }',
      data: { box: null },
      errors: { 'box.owner.hard': 'INTERNAL' },
    },
    {
      title: 'stops at a nullable entity of a value type',
      query: '{ box { label open { hard } } }',
      data: { box: { label: 'a', open: null } },
      errors: { 'box.open.hard': 'INTERNAL' },
    },
    {
      title: 'stops at a nullable list of a value type',
      query: '{ box { label users { hard } } }',
      data: { box: { label: 'a', users: null } },
      errors: { 'box.users.1.hard': 'INTERNAL' },
    },
    {
      title: 'has no data where every list on the way is strict',
      query: '{ boxes { owner { hard } } }',
      data: null,
      errors: { 'boxes.1.owner.hard': 'INTERNAL' },
    },
    {
      title: 'fails inside a friend',
      query: '{ maybe { friend { hard } name } }',
      data: { maybe: { friend: null, name: 'Ann' } },
      errors: { 'maybe.friend.hard': 'INTERNAL' },
    },
    {
      title: 'nulls the holder of a non-null reference',
      query: '{ list { id mate { name } } }',
      data: { list: [{ id: 'u1', mate: { name: 'Cid' } }, null, { id: 'u3', mate: { name: 'Ann' } }] },
      errors: { 'list.1.mate': 'INTERNAL' },
    },
    {
      title: 'nulls a list with a null item that may not be',
      query: '{ list { tags } }',
      data: { list: [{ tags: ['a'] }, { tags: null }, { tags: ['a'] }] },
      errors: { 'list.1.tags.1': 'INTERNAL' },
    },
    {
      title: 'goes up from a list of lists',
      query: '{ list { marks } }',
      data: { list: [{ marks: [[1]] }, null, { marks: [[1]] }] },
      errors: { 'list.1.marks.1.1': 'INTERNAL' },
    },
    {
      title: 'nulls an object behind an interface',
      query: '{ shy { id loud } }',
      data: { shy: null },
      errors: { 'shy.loud': 'INTERNAL' },
    },
    {
      title: 'fails in one member of a union',
      query: '{ hint { ... on User { soft id } } }',
      data: { hint: { soft: null, id: 'u2' } },
      errors: { 'hint.soft': 'INTERNAL' },
    },
    {
      title: 'goes up through a union',
      query: '{ hint { ... on User { hard } } }',
      data: { hint: null },
      errors: { 'hint.hard': 'INTERNAL' },
    },
    {
      title: 'goes up through a list of a union',
      query: '{ hints { ... on Box { owner { hard } } ... on User { name } } }',
      data: { hints: null },
      errors: { 'hints.0.owner.hard': 'INTERNAL' },
    },
    {
      title: 'fails in a fragment',
      query: '{ list { ...F } } fragment F on User { ... { soft } }',
      data: { list: [{ soft: 'soft u1' }, { soft: null }, { soft: 'soft u3' }] },
      errors: { 'list.1.soft': 'INTERNAL' },
    },
    {
      title: 'does not fail where the failing field is skipped',
      query: 'query($on: Boolean!) { list { id hard @skip(if: $on) } boom @skip(if: $on) }',
      variables: { on: true },
      data: { list: [{ id: 'u1' }, { id: 'u2' }, { id: 'u3' }] },
    },
    {
      title: 'keeps what other root fields answered',
      query: '{ boom list { name } must { must } }',
      data: { boom: null, list: [{ name: 'Ann' }, { name: null }, { name: 'Cid' }], must: { must: 'm2' } },
      errors: { boom: 'INTERNAL' },
    },
  ],
);
