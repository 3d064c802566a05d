import type { PentObject, PentType } from './contract.ts';

/**
 * An object by its id: hand-written fields return it in the place of the object, also in lists and within other values.
 * The plan reads it with all others of its position, and shows it if the viewer may read it.
 */
export class Ref<TPent extends PentObject = PentObject> {
  /** For TypeScript only: nothing is there. */
  declare readonly '~pent'?: TPent;
  /** The class's name. */
  readonly type: string;
  /** The id of the object. */
  readonly id: string;

  constructor(type: string, id: string) {
    this.type = type;
    this.id = id;
  }

  /** Names an object of a type. */
  static to<TPent extends PentObject>(type: PentType<TPent>, id: string): Ref<TPent> {
    return new Ref<TPent>(type.definition?.name ?? '', id);
  }
}

/** A part of a list that is found by hand: objects in order, and whether more follow. */
export interface RefPage<TPent extends PentObject = PentObject> {
  /** The objects of the page, in order. */
  readonly refs: ReadonlyArray<Ref<TPent>>;
  /** Whether more objects follow. */
  readonly hasNextPage: boolean;
}
