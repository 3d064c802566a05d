/** The ways to an object that a client has in the application of `secretWorld.ts`. */
import type { GraphQLSchema } from 'graphql';
import { constant, get, makeSchema, object, type PlanResolver, type Step } from '../../src/index.ts';
import { increment, loadObject } from '../../src/kvetch.ts';
import type { PentMember } from '../../src/pent/contract.ts';
import {
  addingEdge,
  authorizePent,
  browsePents,
  creating,
  deleting,
  member,
  method,
  Pent,
  type PentType,
  pent,
  pentConnection,
  pentEdge,
  pentFromIndex,
  pentHasEdge,
  pentIndexConnection,
  pentStoredId,
  pentsFromIndex,
  planPent,
  removingEdge,
  updating,
  writeTogether,
} from '../../src/pent.ts';
import { Doc, listNames, listsOfUser, Remark, storeSchema, User } from './secretWorld.ts';

const PAGE = '(first: Int, after: String)';
const PARTS = 'first: Int, last: Int, before: String, after: String, reverse: Boolean, range: Range';

/** The indexes as connections, with the arguments that make up their values. */
const indexes = {
  level: 'Doc',
  note: 'Doc',
  shelf: 'Doc',
  open_by_level: 'Doc',
  titles: 'Doc',
  mails: 'User',
} as const;
export const indexNames: ReadonlyArray<keyof typeof indexes> = Object.keys(indexes) as never;

const connection = (type: string): string => `
  type ${type}s { nodes: [${type}!]! edges: [${type}Edge!]! totalCount: Int! pageInfo: PageInfo! }
  type ${type}Edge { cursor: String! node: ${type}! }`;

export const graphql: GraphQLSchema = makeSchema({
  typeDefs: /* GraphQL */ `
    interface Node { id: ID! version: Int! }
    union Any = User | Doc | Remark
    scalar Range
    type Query {
      user(id: ID!): User
      doc(id: ID!): Doc
      remark(id: ID!): Remark
      node(id: ID!): Node
      any(ids: [ID!]!): [Any]
      rawUser(id: ID!): User
      rawDoc(id: ID!): Doc
      byEmail(email: String!): User
      byLevel(level: Int!, first: Int, after: String): [Doc!]!
      byNote(note: String!, first: Int, after: String): [Doc!]!
      users(first: Int, after: String): [User!]!
      docs(first: Int, after: String): [Doc!]!
      shelf(level: Int!, note: String!, first: Int, after: String): [Doc!]!
      openByLevel(level: Int!, first: Int, after: String): [Doc!]!
      titles(first: Int, after: String): [Doc!]!
      mails(first: Int, after: String): [User!]!
      ${indexNames.map((name) => `${name}Index(level: Int, note: String, ${PARTS}): ${indexes[name]}s!`).join('\n      ')}
    }
    type Mutation {
      updateUser(id: ID!, data: UserData!): UserPayload
      createDoc(data: DocData!, key: String): DocPayload
      updateDoc(id: ID!, data: DocData!, ifVersion: Int): DocPayload
      deleteDoc(id: ID!): Deleted
      like(from: ID!, to: ID!): UserPayload
      unlike(from: ID!, to: ID!): UserPayload
      createRemark(data: RemarkData!): RemarkPayload
      together(members: [Member!]!): Together
    }
    type Subscription { changes(id: ID!): Event }
    type Event { node: Node plain: String }
    input UserData { name: String email: String boss: ID }
    input DocData { title: String owner: ID level: Int note: String }
    type UserPayload { user: User }
    type DocPayload { doc: Doc }
    type Deleted { deletedId: ID }
    input RemarkData { text: String doc: ID! }
    type RemarkPayload { remark: Remark }
    input Member { kind: String! id: ID! other: ID! user: UserData! doc: DocData! ifVersion: Int ifNote: String ifLevel: Int }
    type Together { written: [Any] }
    type Named { docs: [Doc] user: User }
    type PageInfo { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }
    ${connection('User')}
    ${connection('Doc')}
    type User implements Node {
      id: ID!
      version: Int!
      name: String
      email: String
      boss: User
      reach: Int
      ${listNames.map((name) => `${name}${PAGE}: [${listsOfUser[name]}!]! ${name}Paged${PAGE}: ${listsOfUser[name]}s! ${name}Parts(${PARTS}): [${listsOfUser[name]}!]! ${name}PartsPaged(${PARTS}): ${listsOfUser[name]}s!`).join('\n      ')}
      hasLike(id: ID!): Boolean!
      hasLiked(id: ID!): Boolean!
      named(ids: [ID!]!): Named!
      search(first: Int! = 2, after: String): Docs!
      everything: [Doc!]!
      picked(ids: [ID!]!): [Any]
    }
    type Doc implements Node {
      id: ID!
      version: Int!
      title: String
      level: Int
      note: String
      summary: String
      isLiked: Boolean!
      owner: User
      remarks(first: Int, after: String): [Remark!]!
    }
    type Remark implements Node { id: ID! version: Int! text: String doc: Doc }
  `,
  objects: {
    Query: {
      plans: {
        user: (_$root, { $id }) => pent(User, $id),
        doc: (_$root, { $id }) => pent(Doc, $id),
        remark: (_$root, { $id }) => pent(Remark, $id),
        node: (_$root, { $id }) => pent([User, Doc, Remark], $id),
        any: {
          resolve: (_source, { ids }, { pent: context }) => Pent.getMany.call(Pent as never, context, ids) as never,
        },
        rawUser: (_$root, { $id }) => loadObject($id),
        rawDoc: (_$root, { $id }) => loadObject($id),
        byEmail: (_$root, { $email }) => pentFromIndex(User, 'email', $email),
        byLevel: (_$root, { $level, $first, $after }) => pentsFromIndex(Doc, 'level', $level, { $first, $after }),
        byNote: (_$root, { $note, $first, $after }) => pentsFromIndex(Doc, 'note', $note, { $first, $after }),
        users: (_$root, { $first, $after }) => browsePents(User, { $first, $after }),
        docs: (_$root, { $first, $after }) => browsePents(Doc, { $first, $after }),
        shelf: (_$root, { $level, $note, $first, $after }) =>
          pentsFromIndex(Doc, 'shelf', object({ level: $level, note: $note }), { $first, $after }),
        openByLevel: (_$root, { $level, $first, $after }) =>
          pentsFromIndex(Doc, 'open_by_level', $level, { $first, $after }),
        titles: (_$root, { $first, $after }) => pentsFromIndex(Doc, 'titles', constant({}), { $first, $after }),
        mails: (_$root, { $first, $after }) => pentsFromIndex(User, 'mails', constant({}), { $first, $after }),
        ...Object.fromEntries(indexNames.map(planOfIndex)),
      },
    },
    Mutation: {
      plans: {
        updateUser: (_$root, { $id, $data }) => object({ user: updating(User, { $id, $data }) }),
        createDoc: (_$root, { $data, $key }) => object({ doc: creating(Doc, { $data, $idempotencyKey: $key }) }),
        updateDoc: (_$root, { $id, $data, $ifVersion }) => object({ doc: updating(Doc, { $id, $data, $ifVersion }) }),
        deleteDoc: (_$root, { $id }) => object({ deletedId: deleting(Doc, { $id }) }),
        like: (_$root, { $from, $to }) =>
          object({ user: addingEdge({ edge: 'likes', inverse: null, from: 'User', to: 'Doc' }, { $from, $to }) }),
        unlike: (_$root, { $from, $to }) =>
          object({ user: removingEdge({ edge: 'likes', inverse: null, from: 'User', to: 'Doc' }, { $from, $to }) }),
        createRemark: (_$root, { $data }) => object({ remark: creating(Remark, { $data }) }),
        together: {
          resolve: async (_source, { members }, { pent: context }) => ({
            written: await writeTogether(context, members.map(memberOf)),
          }),
        },
      },
    },
    Subscription: {
      plans: {
        changes: { subscribe: (_source, { id }, { events }) => events(id), resolve: (event) => event },
      },
    },
    Event: {
      plans: {
        node: ($event) => pent([User, Doc, Remark], get($event, 'id')),
        plain: {
          resolve: async ({ id }, _args, { pent: context }) => {
            const doc = await Doc.get(context, id);
            return doc === null ? null : doc.summary();
          },
        },
      },
    },
    User: {
      authorize: authorizePent,
      hidden: 'leaveOut',
      plans: {
        boss: ($user) => pentStoredId(User, $user, 'boss'),
        reach: method(User, 'reach'),
        everything: method(User, 'everything'),
        picked: method(User, 'picked'),
        hasLike: ($user, { $id }) => pentHasEdge('likes', { $from: $user, $to: pent(Doc, $id) }),
        hasLiked: method(User, 'hasLiked'),
        named: method(User, 'named'),
        search: method.connection(User, 'search', Doc),
        ...Object.fromEntries(listNames.flatMap(plansOfList)),
      },
    },
    Doc: {
      authorize: authorizePent,
      hidden: 'leaveOut',
      plans: {
        summary: method(Doc, 'summary'),
        isLiked: ($doc) => pentHasEdge('likes', { $to: $doc }),
        owner: ($doc) => pentStoredId(User, $doc, 'owner'),
        remarks: ($doc, { $first, $after }) => pentEdge(Remark, 'remarks', $doc, { $first, $after }),
      },
    },
    Remark: {
      authorize: authorizePent,
      hidden: 'leaveOut',
      plans: { doc: ($remark) => pentStoredId(Doc, $remark, 'doc') },
    },
  },
  interfaces: { Node: { planType: planPent } },
  unions: { Any: { planType: planPent } },
});

/** A list of users, and the connection over it. */
function plansOfList(name: keyof typeof listsOfUser): ReadonlyArray<readonly [string, PlanResolver]> {
  const types: ReadonlyArray<PentType<Pent>> = [listsOfUser[name] === 'Doc' ? Doc : User];
  return [
    [name, ($user, { $first, $after }) => pentEdge(types, name, $user, { $first, $after })],
    [`${name}Paged`, ($user, { $first, $after }) => pentConnection(types, name, $user, { $first, $after })],
    [`${name}Parts`, ($user, args) => pentEdge(types, name, $user, partsOf(args))],
    [`${name}PartsPaged`, ($user, args) => pentConnection(types, name, $user, partsOf(args))],
  ];
}

function partsOf({
  $first,
  $last,
  $before,
  $after,
  $reverse,
  $range,
}: Parameters<PlanResolver>[1]): NonNullable<Parameters<typeof pentConnection>[3]> {
  return { $first, $last, $before, $after, $reverse, range: $range };
}

function planOfIndex(name: keyof typeof indexes): readonly [string, PlanResolver] {
  const types: ReadonlyArray<PentType<Pent>> = [indexes[name] === 'Doc' ? Doc : User];
  const { attrs: plain, list } = storeSchema.index(name);
  const attrs = list?.source?.attrs ?? plain;
  const plan: PlanResolver = (_$root, args) => {
    const { $level, $note } = args;
    const given: Readonly<Record<string, Step>> = { level: $level, note: $note };
    const values = attrs.map(({ attr }) => [attr, given[attr] ?? constant(null)] as const);
    const [first, ...others] = values;
    const $value = first === undefined || others.length > 0 ? object(Object.fromEntries(values)) : first[1];
    return pentIndexConnection(types, name, $value, partsOf(args));
  };
  return [`${name}Index`, plan];
}

interface MemberData {
  readonly kind: string;
  readonly id: string;
  readonly other: string;
  readonly user: object;
  readonly doc: object;
  readonly ifVersion?: number;
  readonly ifNote?: string;
  readonly ifLevel?: number;
}

/** A member of a unit, as a client asks for it. */
function memberOf({ kind, id, other, user, doc, ifVersion, ifNote, ifLevel }: MemberData): PentMember {
  const conditions = {
    ...(ifVersion !== undefined && { ifVersion }),
    if: { ...(ifNote !== undefined && { note: ifNote }), ...(ifLevel !== undefined && { level: ifLevel }) },
  };
  switch (kind) {
    case 'create':
      return member.create(Doc, doc);
    case 'update':
      return member.update(Doc, id, doc, conditions);
    case 'count':
      return member.update(Doc, id, { level: increment() });
    case 'user':
      return member.update(User, other, user);
    case 'delete':
      return member.delete(Doc, id);
    case 'check':
      return member.check(Doc, id, conditions);
    case 'like':
      return member.insertEdge('likes', other, id);
    default:
      return member.deleteEdge('likes', other, id);
  }
}
