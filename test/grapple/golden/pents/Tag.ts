import { TagBase } from '../generated/pents.ts';

/** The business logic of Tag: privacy, what runs around writes, fields of its own. */
export class Tag extends TagBase {}
