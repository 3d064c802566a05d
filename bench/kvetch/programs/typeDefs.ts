/** What planql and graphql-js are asked in. */
export const typeDefs = /* GraphQL */ `
  type Query {
    user(id: ID!): User
    userByName(username: String!): User
    items(ids: [ID!]!): [Item]!
    pages(ids: [ID!]!, first: Int!): [Page!]!
  }
  type User { id: ID! name: String! lists(first: Int!): [List!]! }
  type List { id: ID! title: String! items(first: Int!): [Item!]! }
  type Item { id: ID! text: String! done: Boolean! priority: Int! }
  type Page { edges: [Edge!]! hasNextPage: Boolean! }
  type Edge { toId: ID! }
`;
