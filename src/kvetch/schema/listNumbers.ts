/** Rows with numbers from here on have an order key: stores keep them in a table of their own. */
const ORDERED = 0x80000000;
/** Ordered lists of values: their numbers follow from their names. */
const OF_VALUES = 0xc0000000;

/** No ordered edge may have this number or a larger one. */
export const MAX_ORDERED: number = OF_VALUES - ORDERED;
/** No other edge may. */
export const MAX_EDGE: number = ORDERED;

/** Whether rows with this number have an order key. */
export function isOrdered(edgeId: number): boolean {
  return edgeId >= ORDERED;
}

/** The number that the rows of an ordered edge have. */
export function orderedNumber(edgeId: number): number {
  return ORDERED + edgeId;
}

/** The number of a definition, of that of its rows. */
export function definedNumber(edgeId: number): number {
  return isOrdered(edgeId) && edgeId < OF_VALUES ? edgeId - ORDERED : edgeId;
}

/** The number of the rows of an index' list: FNV-1a of its name, in 30 bits. */
export function valueListNumber(index: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(index, 'utf8')) hash = Math.imul(hash ^ byte, 0x01000193);
  return OF_VALUES + ((hash >>> 0) & 0x3fffffff);
}
