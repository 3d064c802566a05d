import { TodoItemBase } from '../generated/pents.ts';

/** The business logic of TodoItem: privacy, hooks around writes, fields of its own. */
export class TodoItem extends TodoItemBase {}
