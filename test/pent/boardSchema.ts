/** The boards as a GraphQL schema: every road to an object that there is. */
import type { GraphQLSchema } from 'graphql';
import { each, get, makeSchema, object } from '../../src/index.ts';
import { loadEdges, loadObject, loadObjects } from '../../src/kvetch.ts';
import {
  authorizePent,
  browsePents,
  creating,
  deleting,
  pent,
  pentConnection,
  pentEdge,
  pentFromIndex,
  pentStoredId,
  pentsFromIndex,
  planPent,
  scalars,
  updating,
} from '../../src/pent.ts';
import { Board, Card, Comment } from './board.ts';

const typeDefs = /* GraphQL */ `
  scalar UUID
  interface Node { id: UUID! }
  union Entry = Card | Comment
  type Query {
    board(id: UUID!): Board
    card(id: UUID!): Card
    comment(id: UUID!): Comment
    node(id: UUID!): Node
    nodes(ids: [UUID!]!): [Node]
    entries(ids: [UUID!]!): [Entry]
    cardBySlug(slug: String!): Card
    cardsByTitle(title: String!, first: Int, after: UUID): [Card!]!
    boards(first: Int, after: UUID): [Board!]!
    cards(first: Int, after: UUID): [Card!]!
    comments(first: Int, after: UUID): [Comment!]!
    "Written by hand, past Pent."
    raw(id: UUID!): Card
    "Written by hand, past Pent."
    rawCards(board: UUID!): [Card!]!
  }
  type Mutation {
    createCard(data: CardData!): CardPayload
    updateCard(id: UUID!, data: CardData!): CardPayload
    deleteCard(id: UUID!): DeletePayload
  }
  input CardData { title: String slug: String board: UUID secretOf: String }
  type CardPayload { card: Card }
  type DeletePayload { deletedId: UUID }
  type PageInfo { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }
  type CardConnection { nodes: [Card!]! edges: [CardEdge!]! pageInfo: PageInfo! totalCount: Int! }
  type CardEdge { cursor: String! node: Card! }
  type CommentConnection { nodes: [Comment!]! totalCount: Int! pageInfo: PageInfo! }
  type Board implements Node {
    id: UUID!
    name: String!
    cards(first: Int, after: String): [Card!]!
    connection(first: Int, after: String): CardConnection!
  }
  type Card implements Node {
    id: UUID!
    title: String!
    board: Board
    comments(first: Int, after: String): [Comment!]!
    connection(first: Int, after: String): CommentConnection!
  }
  type Comment implements Node { id: UUID! text: String! card: Card }
`;

const all = [Board, Card, Comment];

export const boardsSchema: GraphQLSchema = makeSchema({
  typeDefs,
  objects: {
    Query: {
      plans: {
        board: (_$root, { $id }) => pent(Board, $id),
        card: (_$root, { $id }) => pent(Card, $id),
        comment: (_$root, { $id }) => pent(Comment, $id),
        node: (_$root, { $id }) => pent(all, $id),
        nodes: (_$root, { $ids }) => each($ids, ($id) => pent(all, $id as never)),
        entries: (_$root, { $ids }) => each($ids, ($id) => pent([Card, Comment], $id as never)),
        cardBySlug: (_$root, { $slug }) => pentFromIndex(Card, 'slug', $slug),
        cardsByTitle: (_$root, { $title, $first, $after }) => pentsFromIndex(Card, 'title', $title, { $first, $after }),
        boards: (_$root, { $first, $after }) => browsePents(Board, { $first, $after }),
        cards: (_$root, { $first, $after }) => browsePents(Card, { $first, $after }),
        comments: (_$root, { $first, $after }) => browsePents(Comment, { $first, $after }),
        raw: (_$root, { $id }) => loadObject($id),
        rawCards: (_$root, { $board }) => loadObjects(loadEdges('cards', $board)),
      },
    },
    Mutation: {
      plans: {
        createCard: (_$root, { $data }) => object({ card: creating(Card, { $data }) }),
        updateCard: (_$root, { $id, $data }) => object({ card: updating(Card, { $id, $data }) }),
        deleteCard: (_$root, { $id }) => object({ deletedId: deleting(Card, { $id }) }),
      },
    },
    Board: {
      authorize: authorizePent,
      hidden: 'leaveOut',
      plans: {
        cards: ($pent, { $first, $after }) => pentEdge(Card, 'cards', $pent, { $first, $after }),
        connection: ($pent, { $first, $after }) => pentConnection(Card, 'cards', $pent, { $first, $after }),
      },
    },
    Card: {
      authorize: authorizePent,
      hidden: 'leaveOut',
      plans: {
        board: ($pent) => pentStoredId(Board, $pent, 'board'),
        comments: ($pent, { $first, $after }) => pentEdge(Comment, 'comments', $pent, { $first, $after }),
        connection: ($pent, { $first, $after }) => pentConnection(Comment, 'comments', $pent, { $first, $after }),
        title: ($pent) => get($pent, 'title'),
      },
    },
    Comment: {
      authorize: authorizePent,
      hidden: 'leaveOut',
      plans: { card: ($pent) => pentStoredId(Card, $pent, 'card') },
    },
  },
  interfaces: { Node: { planType: planPent } },
  unions: { Entry: { planType: planPent } },
  scalars: { UUID: scalars.UUID },
});
