/** In a read path: some or all items of a list. */
export const ITEM: unique symbol = Symbol('item');

/** At the end of a read path: whether the value is null is asked for, and nothing else. */
export const PRESENCE: unique symbol = Symbol('presence');

/** At the end of a read path: an object or a list of the response stands here; its own reads are noted separately. */
export const BOUNDARY: unique symbol = Symbol('boundary');

/** The part of a step's values that is read: `[]` all, `['name']` one attribute, `[ITEM, 'name']` that of list items. */
export type ReadPath = ReadonlyArray<string | number | symbol>;

export const WHOLE: ReadPath = [];
