import { TodoListBase } from '../generated/pents.ts';

/** The business logic of TodoList: privacy, hooks around writes, fields of its own. */
export class TodoList extends TodoListBase {}
