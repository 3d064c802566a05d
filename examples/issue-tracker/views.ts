import { type DocumentNode, parse } from 'graphql';

/** The table that the application shows first: a project with its first 20 issues. */
export const issueTable: DocumentNode = parse(/* GraphQL */ `
  query IssueTable($key: String!) {
    project(key: $key) {
      id
      name
      issueCount
      issues(first: 20) {
        id
        number
        title
        isOpen
        author { id name }
        assignee { id name }
        labels { name color }
        commentCount
        comments(first: 2) {
          body
          author { name }
        }
      }
    }
  }
`);

/** The same table as a connection, page by page. */
export const issuePages: DocumentNode = parse(/* GraphQL */ `
  query IssuePages($key: String!, $after: String) {
    project(key: $key) {
      id
      name
      issuePage(first: 20, after: $after) {
        totalCount
        edges {
          node {
            id
            number
            title
            isOpen
            author { id name }
            assignee { id name }
            labels { name color }
            commentCount
            comments(first: 2) {
              body
              author { name }
            }
          }
        }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`);
