import { parse } from 'graphql';

// A code generator makes typed documents of these; then the page needs no parser.

export const LISTS = parse(/* GraphQL */ `
  query Lists($id: UUID!) {
    todoUser(id: $id) {
      id
      name
      todoLists {
        id
        name
        todoItems {
          id
          text
          todoItemStatus
        }
      }
    }
  }
`);

export const SET_STATUS = parse(/* GraphQL */ `
  mutation SetStatus($id: UUID!, $status: TodoItemStatus!) {
    updateTodoItem(id: $id, data: { todoItemStatus: $status }) {
      todoItem {
        id
      }
    }
  }
`);

export const ADD_ITEM = parse(/* GraphQL */ `
  mutation AddItem($list: UUID!, $text: String!) {
    createTodoItem(data: { todoList: $list, text: $text }) {
      todoItem {
        id
      }
    }
  }
`);

export const REMOVE_ITEM = parse(/* GraphQL */ `
  mutation RemoveItem($id: UUID!) {
    deleteTodoItem(id: $id) {
      deletedId
    }
  }
`);
