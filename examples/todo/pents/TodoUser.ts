import { TodoUserBase } from '../generated/pents.ts';

/** The business logic of TodoUser: privacy, what runs around writes, fields of its own. */
export class TodoUser extends TodoUserBase {}
