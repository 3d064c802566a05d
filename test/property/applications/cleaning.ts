import type { ApplicationRun } from './ApplicationRun.ts';
import type { List } from './application.ts';
import { Difference } from './compare.ts';
import type { Row } from './Oracle.ts';

/** How long background work may take. */
const PATIENCE_MS = 15_000;

/** Tells the oracle of a delete, and waits for what goes with it. */
export async function deleteRow(run: ApplicationRun, row: Row): Promise<void> {
  const { oracle } = run;
  const textOf = ({ values }: Row): string => JSON.stringify(values);
  const before = oracle.rows.filter(({ isLive }) => isLive).map((one) => ({ one, text: textOf(one) }));
  oracle.remove(row);
  const gone = before.filter(({ one }) => !one.isLive).map(({ one }) => one);
  const cleared = before.filter(({ one, text }) => one.isLive && textOf(one) !== text).map(({ one }) => one);
  await settle(run, gone, cleared);
  await buryEntries(run);
}

async function settle(run: ApplicationRun, gone: readonly Row[], cleared: readonly Row[]): Promise<void> {
  const until = Date.now() + PATIENCE_MS;
  let waiting = [...gone.map((row) => ({ row, isGone: true })), ...cleared.map((row) => ({ row, isGone: false }))];
  for (;;) {
    const late: typeof waiting = [];
    for (const one of waiting) if (!(await (one.isGone ? isGone : isCleared)(run, one.row))) late.push(one);
    if (late.length === 0) return;
    waiting = late;
    const left = until - Date.now();
    if (left < 0)
      throw run.difference(`The children ${late.map(({ row }) => row.id)} of a deleted object are still there`);
    await new Promise((resolve) => setTimeout(resolve, 5));
    // the work on a note is taken over after five seconds
    run.elapse(left < PATIENCE_MS - 3000 ? 5 : 0);
  }
}

async function isGone({ kvetch }: ApplicationRun, row: Row): Promise<boolean> {
  return (await kvetch.getObject(row.id)) === null;
}

async function isCleared(run: ApplicationRun, { id, type, values, isLive }: Row): Promise<boolean> {
  const now = isLive && run.oracle.find(id) !== null ? await run.kvetch.getObject(id) : null;
  return (
    now === null || type.attrs.every(({ name, isLink }) => !isLink || (now[name] ?? null) === (values[name] ?? null))
  );
}

/** Children of objects that were gone before them go with a cleaner, and so do those of expired ones. */
export async function takeCleaned(run: ApplicationRun): Promise<void> {
  for (let isStable = false; !isStable; ) {
    isStable = true;
    // One parent may be gone as the child of another: what no pass explains is a difference.
    let unexplained: Difference | null = null;
    for (const row of run.live()) {
      const taken = await takeRow(run, row);
      if (taken instanceof Difference) unexplained ??= taken;
      else if (taken) isStable = false;
    }
    if (isStable && unexplained !== null) throw unexplained;
  }
  await buryEntries(run);
}

/** Whether a cleaner has changed an object. */
async function takeRow(run: ApplicationRun, row: Row): Promise<boolean | Difference> {
  const now = await run.kvetch.getObject(row.id);
  const above = listsOfGone(run, row);
  if (now === null) {
    if (!above.some(({ onDelete }) => onDelete === 'delete')) return run.difference(`A cleaner removed ${row.id}`);
    row.isLive = false;
    row.pos.clear();
    return true;
  }
  const cleared = row.type.attrs.filter(({ name, isLink }) => isLink && row.values[name] != null && now[name] == null);
  for (const { name } of cleared) {
    const isRight = above.some(({ attrs, onDelete }) => onDelete === 'clear' && attrs[0] === name);
    if (!isRight) return run.difference(`A cleaner cleared ${row.id} ${name}`);
    run.oracle.put(row, { [name]: null });
  }
  return cleared.length > 0;
}

/** The lists of objects that are gone in which an object is. */
function listsOfGone({ application, oracle }: ApplicationRun, { type, values }: Row): readonly List[] {
  return application.lists.filter(({ kind, type: child, attrs, onDelete }) => {
    if (kind !== 'stored' || child !== type.name || onDelete === 'keep') return false;
    const id = values[attrs[0] ?? ''];
    return id != null && oracle.byId.has(String(id)) && oracle.find(id) === null;
  });
}

/** Entries of deleted objects are counted until a cleaner comes by. */
async function buryEntries(run: ApplicationRun): Promise<void> {
  const { oracle } = run;
  for (const entry of oracle.entries) {
    const { list, from, to, isLive } = entry;
    if (!isLive || (oracle.byId.get(to)?.isLive && oracle.byId.get(from)?.isLive)) continue;
    entry.isLive = false;
    await run.kvetch.deleteEdge(list.name, { fromId: from, toId: to });
  }
}

export async function wait(run: ApplicationRun): Promise<void> {
  const ms = run.random.pick([1, 50, 400, 3000]);
  run.elapse(ms);
  run.note(`${ms} ms go by`);
}

export async function clean(run: ApplicationRun): Promise<void> {
  if (!run.random.chance(0.5)) return;
  if (run.random.chance(0.3)) run.elapse(60_000);
  run.note('clean');
  await run.kvetch.clean();
  await takeCleaned(run);
}
