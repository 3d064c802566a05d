import { type DocumentNode, parse } from 'graphql';

/** What the application shows first: a user, 10 lists, 5 items of each. 61 objects. */
export const todoView: DocumentNode = parse(/* GraphQL */ `
  query TodoView($id: UUID!) {
    todoUser(id: $id) {
      name
      username
      todoLists(first: 10) {
        name
        todoItems(first: 5) { text todoItemStatus }
      }
    }
  }
`);

export const userByUsername: DocumentNode = parse(/* GraphQL */ `
  query UserByUsername($username: String!) {
    todoUserByUsername(username: $username) { name todoLists(first: 2) { name } }
  }
`);
