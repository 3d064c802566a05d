import { TodoListBase } from '../generated/pents.ts';

/** The business logic of TodoList: privacy, what runs around writes, fields of its own. */
export class TodoList extends TodoListBase {}
