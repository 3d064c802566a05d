import type { Context } from '../contract.ts';
import { readRecords } from '../reads/readRecords.ts';

/**
 * For rules and hooks: whether the viewer could read the objects with these ids. One answer an id; false for null and
 * for ids that nothing has.
 */
export async function canReadMany(context: Context, ids: readonly unknown[]): Promise<ReadonlyArray<boolean | Error>> {
  const { viewers } = context.current;
  const records = await readRecords(context, ids);
  const answers = (await viewers.decide(records))?.answers ?? null;
  return records.map((record, at) =>
    record instanceof Error
      ? record
      : record !== null && context.model.find(record.typeId) !== null && answers?.[at] !== false,
  );
}

/** For rules and hooks: whether the viewer could read the object with this id. */
export async function canRead(context: Context, id: string | null | undefined): Promise<boolean> {
  const [answer = false] = await canReadMany(context, [id]);
  if (answer instanceof Error) throw answer;
  return answer;
}
