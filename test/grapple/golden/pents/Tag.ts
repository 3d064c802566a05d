import { TagBase } from '../generated/pents.ts';

/** The business logic of Tag: privacy, hooks around writes, fields of its own. */
export class Tag extends TagBase {}
