/** The type of the rows that remember the idempotency keys of units. */
export const UNIT_TYPE = 0xffffffff;
