/** What the plans have beside it: issues as a connection, whose pages stay full for who may not see all of them. */
export const connectionTypeDefs: string = /* GraphQL */ `
  extend type Project {
    issuePage(first: Int = 20, after: String, last: Int, before: String): IssueConnection!
  }

  type IssueConnection {
    nodes: [Issue!]!
    edges: [IssueEdge!]!
    pageInfo: PageInfo!
    "Confidential issues are counted, too."
    totalCount: Int!
  }

  type IssueEdge {
    cursor: String!
    node: Issue!
  }

  type PageInfo {
    hasNextPage: Boolean!
    hasPreviousPage: Boolean!
    startCursor: String
    endCursor: String
  }
`;

/** The schema: the same for plans, for resolvers and for the program by hand. */
export const typeDefs: string = /* GraphQL */ `
  type Query {
    "Null when there is no such project, or when the viewer may not see it."
    project(key: String!): Project
    issue(id: ID!): Issue
    viewer: User
  }

  type Project {
    id: ID!
    key: String!
    name: String!
    isPrivate: Boolean!
    issueCount: Int!
    issues(first: Int! = 20, after: String): [Issue!]!
  }

  type Issue {
    id: ID!
    number: Int!
    title: String!
    isOpen: Boolean!
    author: User!
    assignee: User
    project: Project
    labels: [Label!]!
    commentCount: Int!
    comments(first: Int! = 2): [Comment!]!
  }

  type Label {
    id: ID!
    name: String!
    color: String!
  }

  type Comment {
    id: ID!
    body: String!
    author: User!
  }

  type User {
    id: ID!
    login: String!
    name: String!
  }
`;
