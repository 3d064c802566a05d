import type { Move } from './moveOptions.ts';

/** The cleaners' passes over recent changes. Passes over all rows need no watermarks. */
const RECENT = 'recent:';

/**
 * The target's cleaners must look at all rows that the source's cleaners have not seen yet, however old they are. A pass
 * that is under way at the target may be past such rows already: its lease and its position are discarded.
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
