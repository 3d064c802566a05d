/** The operations of a client, each with the name of its road. */
import { indexNames } from './secretSchema.ts';
import { listNames } from './secretWorld.ts';

export interface Operation {
  readonly road: string;
  readonly source: string;
  readonly variableValues: Readonly<Record<string, unknown>>;
}

/** A road, and its operation; for lists in an order, some bounds. */
export type Road = readonly [road: string, source: string, ranges?: readonly object[]];

const USER = 'id version name email boss { id name email } reach';
const DOC = 'id version title level note summary owner { id name email boss { id } }';
const PAGED = '(first: $first, after: $after)';
const EDGES = 'totalCount edges { cursor node { id } } pageInfo { hasNextPage endCursor }';
const ALL_EDGES = EDGES.replace('endCursor', 'endCursor hasPreviousPage startCursor');
const LISTS = '$id: ID!, $first: Int, $after: String';
const PARTS = '$first: Int, $last: Int, $before: String, $after: String, $reverse: Boolean, $range: Range';
const PART = 'first: $first, last: $last, before: $before, after: $after, reverse: $reverse, range: $range';
const FORWARD: readonly object[] = [{}];

const titles = [{ title: { startsWith: 'doc 1' } }, { title: { from: 'doc 2', to: 'doc 8' } }, { title: 'doc 3' }];
const mails = [{ email: '1@x' }, { email: { from: '1@x' } }, { email: { startsWith: '2' } }, { email: null }];
const notes = [{ note: { startsWith: 'note' } }, { note: { to: 'note 1' } }, { note: 'note 2' }, { note: null }];

/** Bounds of lists in an order; others have none. */
const ranges: Readonly<Record<string, readonly object[]>> = {
  byLevel: [
    { level: 1 },
    { level: { from: 1 } },
    ...titles.map((title) => ({ level: 2, ...title })),
    { title: 'doc 1' },
  ],
  byNote: [{ level: { to: 1 } }, ...notes.map((note) => ({ level: 1, ...note }))],
  open: titles,
  titles,
  stars: [{ stars: 2 }, { stars: { from: 1, to: 2 } }],
  byMail: mails,
  mails,
  open_by_level: notes,
};

/** Each road with its operation. `$id` may be any id. */
export const reads: readonly Road[] = [
  [
    'bare id',
    `query ($id: ID!) { user(id: $id) { ${USER} } doc(id: $id) { ${DOC} } remark(id: $id) { text doc { id } } }`,
  ],
  [
    'node',
    `query ($id: ID!) { node(id: $id) { __typename id version ... on User { ${USER} } ... on Doc { ${DOC} } } }`,
  ],
  ['any', `query ($ids: [ID!]!) { any(ids: $ids) { __typename ... on User { ${USER} } ... on Doc { ${DOC} } } }`],
  ['raw user', `query ($userId: ID!) { rawUser(id: $userId) { id version name email } }`],
  ['raw doc', `query ($docId: ID!) { rawDoc(id: $docId) { id version title level note } }`],
  [
    'list',
    `query (${LISTS}) { user(id: $id) { docs${PAGED} { ${DOC} } likes${PAGED} { id note } } doc(id: $id) { remarks${PAGED} { text } } }`,
  ],
  ['connection', `query (${LISTS}) { user(id: $id) { docsPaged${PAGED} { ${EDGES} nodes { ${DOC} } } } }`],
  ['list by a field', `query (${LISTS}) { user(id: $id) { reports${PAGED} { ${USER} } } }`],
  [
    'connection by a field',
    `query (${LISTS}) { user(id: $id) { reportsPaged${PAGED} { ${EDGES} nodes { ${USER} } } } }`,
  ],
  [
    'method past privacy',
    `query ($id: ID!, $ids: [ID!]!) { user(id: $id) { everything { ${DOC} } picked(ids: $ids) { ... on Doc { ${DOC} } ... on User { ${USER} } } reach } }`,
  ],
  [
    'index',
    `query ($level: Int!, $first: Int, $after: String) { byLevel(level: $level, first: $first, after: $after) { ${DOC} } }`,
  ],
  [
    'index by a field',
    `query ($email: String!, $note: String!, $first: Int, $after: String) { byEmail(email: $email) { ${USER} } byNote(note: $note, first: $first, after: $after) { ${DOC} } }`,
  ],
  ...listNames.map(
    (name): Road => [
      `list ${name}`,
      `query ($userId: ID!, $first: Int, $after: String) { user(id: $userId) { ${name}${PAGED} { id version } ${name}Paged${PAGED} { ${EDGES} } } }`,
    ],
  ),
  [
    'lists by values',
    `query ($level: Int!, $note: String!, $first: Int, $after: String) {
      shelf(level: $level, note: $note, first: $first, after: $after) { id note }
      openByLevel(level: $level, first: $first, after: $after) { id }
      titles${PAGED} { id title } mails${PAGED} { id email } }`,
  ],
  ...listNames.map(
    (name): Road => [
      `parts of ${name}`,
      `query ($userId: ID!, ${PARTS}) { user(id: $userId) { ${name}Parts(${PART}) { id } ${name}PartsPaged(${PART}) { ${ALL_EDGES} nodes { id } } } }`,
      ranges[name] ?? FORWARD,
    ],
  ),
  ...indexNames.map(
    (name): Road => [
      `index ${name}`,
      `query ($level: Int!, $note: String!, ${PARTS}) { ${name}Index(level: $level, note: $note, ${PART}) { ${ALL_EDGES} nodes { id } } }`,
      ranges[name] ?? FORWARD,
    ],
  ),
  [
    'has edge',
    `query ($userId: ID!, $docId: ID!) { user(id: $userId) { name hasLike(id: $docId) hasLiked(id: $docId) } doc(id: $docId) { title isLiked } }`,
  ],
  [
    'references',
    `query ($userId: ID!, $ids: [ID!]!, $first: Int, $after: String) { user(id: $userId) { named(ids: $ids) { docs { ${DOC} } user { ${USER} } } search${PAGED} { ${ALL_EDGES} nodes { ${DOC} } } } }`,
  ],
  [
    'browse',
    `query ($first: Int, $after: String) { users(first: $first, after: $after) { ${USER} } docs(first: $first, after: $after) { ${DOC} } }`,
  ],
];

export const writes: readonly Road[] = [
  ['update', `mutation ($id: ID!, $userData: UserData!) { updateUser(id: $id, data: $userData) { user { ${USER} } } }`],
  [
    'update, version',
    `mutation ($docId: ID!, $docData: DocData!, $version: Int) { updateDoc(id: $docId, data: $docData, ifVersion: $version) { doc { ${DOC} } } }`,
  ],
  ['create', `mutation ($docData: DocData!, $key: String) { createDoc(data: $docData, key: $key) { doc { ${DOC} } } }`],
  ['delete', `mutation ($docId: ID!) { deleteDoc(id: $docId) { deletedId } }`],
  ['unlike', `mutation ($id: ID!, $docId: ID!) { unlike(from: $id, to: $docId) { user { ${USER} likes { id } } } }`],
  [
    'trigger that adds',
    `mutation ($docId: ID!) { createRemark(data: { text: "new", doc: $docId }) { remark { text doc { ${DOC} } } } }`,
  ],
  [
    'unit of writes',
    `mutation ($members: [Member!]!) { together(members: $members) { written { ... on Doc { ${DOC} } ... on User { ${USER} } } } }`,
  ],
  ['edge', `mutation ($id: ID!, $docId: ID!) { like(from: $id, to: $docId) { user { ${USER} likes { id } } } }`],
];

/** A user's list, page by page. */
export const pagesOf = (name: string): string =>
  `query (${LISTS}) { user(id: $id) { ${name}Paged${PAGED} { ${EDGES} nodes { id } } } }`;
