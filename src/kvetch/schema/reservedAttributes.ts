const reserved: ReadonlySet<string> = new Set([
  // the system attributes of a record
  'id',
  'typeId',
  'version',
  'createdAt',
  'updatedAt',
  // the columns of a row
  'obj_id',
  'type_id',
  'created',
  'updated',
  'state',
]);

/** Whether no attribute may have this name: it is the store's own, or starts with two underscores. */
export function isReservedAttribute(name: string): boolean {
  return reserved.has(name) || name.startsWith('__');
}
