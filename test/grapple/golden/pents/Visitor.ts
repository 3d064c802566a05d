import { VisitorBase } from '../generated/pents.ts';

/** The business logic of Visitor: privacy, hooks around writes, fields of its own. */
export class Visitor extends VisitorBase {}
