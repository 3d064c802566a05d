import type { Move } from './moveOptions.ts';

/** Passes over recent changes only: those over all rows come by without marks. */
const RECENT = 'recent:';

/**
 * What the source's cleaners have not seen yet the target's must look at, however old it is. A pass of theirs that is
 * under way may be past it already, and keeps its mark for itself: it loses its lease, and its place.
 */
export async function adoptWatermarks({ source, target }: Move): Promise<void> {
  const there = await source.database();
  const marks = await there.read((session) =>
    session.rows<[task: Buffer, watermarkUs: number]>('SELECT task, watermark_us FROM kvetch_cleaner'),
  );
  const here = await target.database();
  const lower = `UPDATE kvetch_cleaner SET watermark_us = LEAST(watermark_us, ?), scan_cursor = NULL, lease_owner = NULL
  WHERE task = ?`;
  for (const [task, watermarkUs] of marks) {
    if (!String(task).startsWith(RECENT)) continue;
    await here.write((session) => session.preparedWrite(lower, [watermarkUs, task]));
  }
}
