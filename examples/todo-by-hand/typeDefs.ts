export const typeDefs = /* GraphQL */ `
  scalar UUID

  type Query {
    todoUser(id: UUID!): TodoUser
    todoUserByUsername(username: String!): TodoUser
    todoUsers(first: Int! = 100, after: UUID): [TodoUser!]!
    todoList(id: UUID!): TodoList
    todoItem(id: UUID!): TodoItem
  }

  type TodoUser {
    id: UUID!
    name: String!
    username: String!
    todoLists(first: Int! = 100, after: UUID): [TodoList!]!
  }

  type TodoList {
    id: UUID!
    name: String!
    owner: TodoUser
    todoItems(first: Int! = 100, after: UUID): [TodoItem!]!
  }

  type TodoItem {
    id: UUID!
    text: String!
    todoItemStatus: TodoItemStatus!
    todoList: TodoList
  }

  enum TodoItemStatus { OPEN COMPLETED }

  type Mutation {
    createTodoUser(data: CreateTodoUserData!): TodoUserPayload!
    updateTodoUser(id: UUID!, data: UpdateTodoUserData!): TodoUserPayload!
    deleteTodoUser(id: UUID!): DeletePayload!
    createTodoList(data: CreateTodoListData!): TodoListPayload!
    updateTodoList(id: UUID!, data: UpdateTodoListData!): TodoListPayload!
    deleteTodoList(id: UUID!): DeletePayload!
    createTodoItem(data: CreateTodoItemData!): TodoItemPayload!
    updateTodoItem(id: UUID!, data: UpdateTodoItemData!): TodoItemPayload!
    deleteTodoItem(id: UUID!): DeletePayload!
  }

  input CreateTodoUserData { name: String! username: String! }
  input UpdateTodoUserData { name: String username: String }
  type TodoUserPayload { todoUser: TodoUser }

  input CreateTodoListData { name: String! owner: UUID! }
  input UpdateTodoListData { name: String owner: UUID }
  type TodoListPayload { todoList: TodoList }

  input CreateTodoItemData { text: String! todoList: UUID! todoItemStatus: TodoItemStatus! = OPEN }
  input UpdateTodoItemData { text: String todoList: UUID todoItemStatus: TodoItemStatus }
  type TodoItemPayload { todoItem: TodoItem }

  type DeletePayload {
    "The id, or null when there was nothing to delete."
    deletedId: UUID
  }
`;
