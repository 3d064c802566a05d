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
