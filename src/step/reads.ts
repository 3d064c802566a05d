/** In a read path: some or all items of a list. */
export const ITEM: unique symbol = Symbol('item');

/** At the end of a read path: whether the value is null is asked for, and nothing else. */
export const PRESENCE: unique symbol = Symbol('presence');

/** At the end of a read path: an object or a list of the response stands here; its own reads are noted separately. */
export const BOUNDARY: unique symbol = Symbol('boundary');

/** The part of a step's values that is read: `[]` all, `['name']` one attribute, `[ITEM, 'name']` that of list items. */
export type ReadPath = ReadonlyArray<string | number | symbol>;

export const WHOLE: ReadPath = [];

/** The parts that a step reads of one that it takes in, whatever is read of itself. */
export type ReadParts = readonly ReadPath[];

/** The parts of a dependency that its taker does not name. */
export const ALL: ReadParts = [WHOLE];

/** None: the taker passes the values on, and its `noteRead` tells what is read of them. */
export const FORWARDED: ReadParts = [];

/** Whether a value stands there, as an object or a list. */
export const PLACE: ReadParts = [[BOUNDARY]];

/** Whether the value is null. */
export const NULLNESS: ReadParts = [[PRESENCE]];

/** Whether a part of a read path names items of a list: any of them, or the one at an index. */
export function isItem(part: ReadPath[number] | undefined): boolean {
  return part === ITEM || typeof part === 'number' || (typeof part === 'string' && INDEX.test(part));
}

const INDEX = /^\d+$/;
