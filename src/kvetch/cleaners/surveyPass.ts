import { newCounters } from './CleanCounters.ts';
import { expectationOf, releaseObjects, settledObjects } from './forwardPass.ts';
import { ripeUs } from './purgePasses.ts';
import type { CleanPass } from './runPass.ts';

/**
 * Reads all objects before the other passes of a full run, and remembers which derived rows they ask for. If a derived
 * row is as its object asked, neither has to be looked up for the other. Everything that is not remembered is looked
 * up.
 */
export const surveyPass: CleanPass = {
  name: 'survey',
  isMemory: true,
  async run(page) {
    const { store, found } = page;
    const { rows: scanned, next } = await store.scanObjects(page.request);
    const counters = newCounters();
    const rows = await releaseObjects(page, await settledObjects({ ...page, counters }, scanned));
    const asking = rows.flatMap((row) => {
      const expectation = expectationOf({ ...page, counters }, row);
      if (expectation === null) return [];
      const { live, claims } = expectation;
      return [{ id: row.id, edges: live.edges, entries: live.entries, claims }];
    });
    found.survey(store, { asking, counters, end: next });
    found.note(store, 'objects', rows, ripeUs(page));
    if (next === null) found.sawAll(store, 'objects');
    return { rows: scanned.length, next: found.isFull ? null : next };
  },
};
