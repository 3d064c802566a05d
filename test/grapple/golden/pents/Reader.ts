import { ReaderBase } from '../generated/pents.ts';

/** The business logic of Reader: privacy, hooks around writes, fields of its own. */
export class Reader extends ReaderBase {}
