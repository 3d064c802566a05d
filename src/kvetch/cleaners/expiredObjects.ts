import { itemAt } from '../../utils/itemAt.ts';
import type { KvetchContext } from '../KvetchContext.ts';
import type { ObjectRow } from '../shards/rows.ts';
import { deleteExpired } from '../writes/deleteObject.ts';
import { inParts } from '../writes/inParts.ts';
import { type Look, lookAt } from './lookAt.ts';
import type { CleanPage } from './runPass.ts';

/**
 * Deletes objects that expired longer ago than the grace: by the clock of the node, as a cleaner whose own clock is
 * wrong must do no harm. Readers see none of them. Returns the objects that it has left alone.
 */
export async function removeExpired(page: CleanPage, rows: readonly ObjectRow[]): Promise<readonly ObjectRow[]> {
  const { context, settings, counters, nowUs } = page;
  const { expiry } = context;
  if (expiry === null) return rows;
  const byMs = nowUs / 1000 - settings.graceMs;
  const ended = new Set(rows.filter((row) => expiry.hasExpired(row, byMs)));
  const answers = settings.dryRun
    ? [...ended].map(() => true)
    : await inParts([...ended], (row) => deleteExpired(context, row));
  const removing = [...ended];
  for (const [at, answer] of answers.entries()) {
    if (answer === true) counters.expired++;
    if (!(answer instanceof Error)) continue;
    counters.errors++;
    settings.onError(answer, { ...page.place, id: itemAt(removing, at).id });
  }
  return rows.filter((row) => !ended.has(row));
}

/** The objects that have expired and are still stored. */
export interface ExpiredReport extends Look {
  readonly expired: number;
  /** Those of them that expired more than a day ago: no cleaner has run since. */
  readonly old: number;
}

const DAY_MS = 24 * 3600 * 1000;

/** Counts them for so long. Nothing is looked at where no type says when its objects end. */
export async function countExpired(context: KvetchContext, withinMs: number): Promise<ExpiredReport> {
  const { expiry, clock } = context;
  if (expiry === null) return { scanned: 0, isWhole: true, expired: 0, old: 0 };
  const nowMs = clock();
  let [expired, old] = [0, 0];
  const look = await lookAt(context, withinMs, (rows) => {
    expired += rows.filter((row) => expiry.hasExpired(row, nowMs)).length;
    old += rows.filter((row) => expiry.hasExpired(row, nowMs - DAY_MS)).length;
  });
  return { ...look, expired, old };
}
