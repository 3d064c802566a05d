/** The type of the rows that remember the idempotency keys of units. */
export const UNIT_TYPE = 0xffffffff;
/** The type of the rows that decide units over several servers. */
export const DECISION_TYPE = 0xfffffffe;

/** Whether rows of a type are the store's own. */
export function isReservedType(typeId: unknown): boolean {
  return typeId === UNIT_TYPE || typeId === DECISION_TYPE;
}
