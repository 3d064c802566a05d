import { CategoryBase } from '../generated/pents.ts';

/** The business logic of Category: privacy, hooks around writes, fields of its own. */
export class Category extends CategoryBase {}
