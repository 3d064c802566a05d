import { TodoUserBase } from '../generated/pents.ts';

/** The business logic of TodoUser: privacy, hooks around writes, fields of its own. */
export class TodoUser extends TodoUserBase {}
