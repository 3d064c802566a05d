import { isPromiseLike } from '../../utils/isPromiseLike.ts';
import type { MaybePromise } from '../../utils/MaybePromise.ts';
import type { Context, PentClass, PentObject, Policy, Rule } from '../contract.ts';
import { PentError } from '../errors.ts';
import { readRecords } from '../reads/readRecords.ts';
import { evaluate } from './evaluate.ts';

/** Rules may ask whether other objects are readable, whose rules may ask again: this often at most. */
const MAX_DEPTH = 16;

const NO_RULES: readonly Rule[] = [];

/** Whether a context may hide objects of a class. */
export function isRestricted({ isRestricted, model }: Context, pentClass: unknown): boolean {
  return isRestricted && model.restricted.has(pentClass);
}

export function readRules({ read = NO_RULES }: Policy): readonly Rule[] {
  return read;
}

/**
 * For each PentObject whether the context's viewer may read it; null where all are readable. Decided once a context.
 *
 * @param depth - how many rules ask each other already.
 * @param isOfStep - whether none of these was written by the application.
 */
export function readable(
  context: Context,
  pents: ReadonlyArray<PentObject | null>,
  depth = 0,
  isOfStep = true,
): MaybePromise<readonly boolean[] | null> {
  if (!context.isRestricted) return null;
  const open = undecided(context, pents);
  if (open === null) return null;
  if (context.kvetch.reads.isRecorded) recordAgain(context, pents, isOfStep);
  const waiting: Promise<void>[] = [];
  for (const [pentClass, subjects] of open) {
    const decided = subjects.size === 0 ? undefined : decide(context, pentClass, [...subjects], depth, isOfStep);
    if (decided !== undefined) waiting.push(decided);
  }
  const answer = (): readonly boolean[] => pents.map((pent) => pent !== null && context.decisions.get(pent) !== false);
  return waiting.length === 0 ? answer() : Promise.all(waiting).then(answer);
}

/** The undecided objects, by restricted class; null where no class is restricted. */
function undecided(context: Context, pents: ReadonlyArray<PentObject | null>): Map<PentClass, Set<PentObject>> | null {
  let open: Map<PentClass, Set<PentObject>> | null = null;
  let last: PentClass | null = null;
  let subjects: Set<PentObject> | undefined;
  for (const pent of pents) {
    if (pent === null) continue;
    const pentClass = pent.constructor as PentClass;
    if (pentClass !== last) {
      last = pentClass;
      subjects = open?.get(pentClass);
      if (subjects === undefined && isRestricted(context, pentClass)) {
        subjects = new Set();
        open ??= new Map();
        open.set(pentClass, subjects);
      }
    }
    if (subjects !== undefined && !context.decisions.has(pent)) subjects.add(pent);
  }
  return open;
}

function decide(
  context: Context,
  { privacy }: PentClass,
  pents: readonly PentObject[],
  depth: number,
  isOfStep: boolean,
): Promise<void> | undefined {
  const fallback = context.model.byDefault === 'allow';
  const verdicts = evaluate(readRules(privacy), pents, fallback, context.forRules(depth + 1, isOfStep));
  const note = (settled: readonly boolean[]): void => {
    for (const [at, pent] of pents.entries()) context.decisions.set(pent, settled[at] === true);
  };
  if (isPromiseLike(verdicts)) return Promise.resolve(verdicts).then(note);
  note(verdicts);
  return undefined;
}

/** A decision of earlier is used: what it was read from counts for the step that runs now, too. The store knows these objects. */
function recordAgain(context: Context, pents: ReadonlyArray<PentObject | null>, isOfStep: boolean): void {
  const ids = new Set<unknown>();
  for (const pent of pents) {
    if (pent === null || !context.decisions.has(pent)) continue;
    for (const id of context.decidedBy.get(pent) ?? []) ids.add(id);
  }
  if (ids.size > 0) readRecords(context, [...ids], { isOfStep });
}

/**
 * For rules: whether the viewer could read the objects with these ids. One answer an id; false for null and for ids
 * that nothing has.
 */
export async function canReadMany(context: Context, ids: readonly unknown[]): Promise<ReadonlyArray<boolean | Error>> {
  return (await readParents(context, ids, false)).answers;
}

/** For `sameAs`: whether the viewer could read the objects whose ids Pents store in an attribute. */
export async function canReadParents(
  context: Context,
  pents: readonly PentObject[],
  attribute: string,
): Promise<ReadonlyArray<boolean | Error>> {
  const ids = pents.map((pent) => pent.$record[attribute]);
  const { answers, parents } = await readParents(context, ids, context.isOfStep);
  const { decidedBy, kvetch } = context.viewers;
  if (!kvetch.reads.isRecorded) return answers;
  for (const [at, pent] of pents.entries()) {
    const parent = parents[at] ?? null;
    const above = parent === null ? [] : (decidedBy.get(parent) ?? []);
    decidedBy.set(pent, [...(decidedBy.get(pent) ?? []), ids[at], ...above]);
  }
  return answers;
}

interface Parents {
  readonly parents: ReadonlyArray<PentObject | null>;
  readonly answers: ReadonlyArray<boolean | Error>;
}

async function readParents(context: Context, ids: readonly unknown[], isOfStep: boolean): Promise<Parents> {
  if (context.depth > MAX_DEPTH) {
    throw new PentError(
      'RULES_TOO_DEEP',
      `Privacy rules ask each other more than ${MAX_DEPTH} times in a row. Break the circle of sameAs() and canRead().`,
    );
  }
  const { viewers } = context;
  const records = await readRecords(context, ids, { isOfStep });
  const parents = records.map((record) => (record === null || record instanceof Error ? null : viewers.wrap(record)));
  const readables = await readable(viewers, parents, context.depth, isOfStep);
  const answers = records.map((record, at) =>
    record instanceof Error ? record : parents[at] !== null && (readables?.[at] ?? true),
  );
  return { parents, answers };
}

/** For rules: whether the viewer could read the object with this id. */
export async function canRead(context: Context, id: string | null | undefined): Promise<boolean> {
  const [answer = false] = await canReadMany(context, [id]);
  if (answer instanceof Error) throw answer;
  return answer;
}
