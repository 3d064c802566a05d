import { anything, atLeast, checkOptions, integer, type OptionTable } from '../../errors/checkOptions.ts';
import type { CleanPlace, UniqueConflict } from '../../kvetch/cleaners/CleanOptions.ts';
import { ConflictError, NotFoundError, UniqueViolationError } from '../../kvetch/errors.ts';
import type { Kvetch } from '../../kvetch/Kvetch.ts';
import type { KvetchObject } from '../../kvetch/KvetchObject.ts';
import { withCauses } from '../../utils/withCauses.ts';
import type { Lock } from '../lock/Lock.ts';

/** The progress of a migration: a run that ended early leaves it for the next. */
export interface MigrationState {
  /** By type, the id of the last object that was looked at; null when all were. */
  readonly done: Readonly<Record<string, string | null>>;
}

/**
 * The options of `migrate`.
 * @inline
 */
export interface MigrateOptions {
  /** The store, with the new schema. */
  readonly kvetch: Kvetch;
  /** `grapple.lock.json`, which knows the renames. */
  readonly lock: Lock;
  /** Where an earlier run stopped. Default: begin anew. */
  readonly state?: MigrationState;
  /** Called after each page with the state; keep it for the next run. */
  readonly onState?: (state: MigrationState) => void;
  /** Called with each line for people. Default: nothing is printed. */
  readonly print?: (line: string) => void;
  /** How many objects are looked at together. */
  readonly pageSize?: number;
  /** Milliseconds: rows that were written later than this before are left to the next run. Default 10 s. */
  readonly graceMs?: number;
  /** Ends the migration after the page that it is at: the next run goes on from there. */
  readonly signal?: AbortSignal;
}

const migrateOptions: OptionTable<MigrateOptions> = {
  kvetch: anything,
  lock: anything,
  state: anything,
  onState: anything,
  print: anything,
  pageSize: integer(1),
  graceMs: atLeast(0),
  signal: anything,
};

/** More failures are not printed. */
const MAX_NAMED = 20;

/** The result of a migration. */
export interface Migrated {
  /** Objects whose renamed attributes were moved. */
  readonly moved: number;
  /** Values of unique indexes that two objects have. Change one of the objects, and migrate again. */
  readonly duplicates: readonly UniqueConflict[];
  /** Whether every edge and index was filled; false with duplicates, after a stop, where a server was down, or another cleaner is at work. */
  readonly complete: boolean;
}

/** An object that others change all the time is given up after so many attempts. */
const MAX_ATTEMPTS = 10;

/**
 * Brings stored objects up to a changed schema: moves the values of renamed attributes, then fills new edges and
 * indexes. Doing it again changes nothing. Run it while the application runs: both names are read until it is done.
 */
export async function migrate(options: MigrateOptions): Promise<Migrated> {
  checkOptions('migrate', options, migrateOptions);
  const { kvetch, lock, print = () => {}, signal } = options;
  const writer = kvetch.with({ whileBuilding: 'answer' }); // the migration itself fills them in
  let moved = 0;
  const duplicates: UniqueConflict[] = [];
  const done: Record<string, string | null> = { ...options.state?.done };
  for (const { name, renames } of renamesOf(lock)) {
    if (done[name] === null) continue;
    const before = duplicates.length;
    for await (const page of kvetch.browsePages(name, { first: options.pageSize ?? 500, after: done[name] ?? null })) {
      for (const object of page.objects) {
        if (object instanceof Error) throw object;
        const result = await move(writer, object, renames);
        if (typeof result === 'object') duplicates.push(result);
        else if (result) moved++;
      }
      // The next run begins where the first duplicate was.
      if (duplicates.length === before) done[name] = page.hasNextPage ? page.endCursor : null;
      options.onState?.({ done: { ...done } });
      if (signal?.aborted) {
        print('Stopped: run it again to go on from here.');
        return { moved, duplicates, complete: false };
      }
    }
    print(`${name}: ${renames.map(([from, to]) => `${from} is ${to}`).join(', ')}.`);
  }
  const { graceMs } = options;
  const limits = { ...(graceMs !== undefined && { graceMs }), ...(signal !== undefined && { signal }) };
  const onConflict = (conflict: UniqueConflict): void => void duplicates.push(conflict);
  const failures = new Set<string>(); // one a server, not one a pass
  const onError = (error: Error, { store, id }: CleanPlace): void => {
    if (failures.size < MAX_NAMED) failures.add(`${id === undefined ? store : `Object ${id}`}: ${withCauses(error)}`);
  };
  const report = await kvetch.clean({ mode: 'full', onConflict, onError, ...limits });
  for (const failure of failures) print(failure);
  for (const { index, ownerId, id } of duplicates) {
    print(`The unique index "${index}" has one value for two objects, ${ownerId} and ${id}. Change one of them.`);
  }
  const complete = report.complete && report.errors === 0 && duplicates.length === 0;
  print(`Edges and indexes: ${report.scanned} rows looked at${complete ? '' : '; not complete, run it again'}.`);
  return { moved, duplicates, complete };
}

/** Moves the values of one object: whether there were any, or the other object that has one of them. */
async function move(
  kvetch: Kvetch,
  given: KvetchObject,
  renames: readonly Rename[],
): Promise<boolean | UniqueConflict> {
  let object: KvetchObject | null = given;
  for (let attempt = 1; object !== null; attempt++) {
    const change = changeOf(object, renames);
    if (change === null) return false;
    try {
      await kvetch.updateObject(object.id, change, { ifVersion: object.version });
      return true;
    } catch (error) {
      if (error instanceof NotFoundError) return false;
      if (error instanceof UniqueViolationError) return { index: error.index, ownerId: error.ownerId, id: object.id };
      if (!(error instanceof ConflictError) || attempt === MAX_ATTEMPTS) throw error;
      object = await kvetch.getObject(object.id); // it was changed meanwhile
    }
  }
  return false;
}

type Rename = readonly [from: string, to: string];

function renamesOf({ types }: Lock): readonly { readonly name: string; readonly renames: readonly Rename[] }[] {
  return Object.values(types).flatMap(({ name, attributes, removed }) => {
    const renames = Object.entries(attributes).flatMap(([from, { renamedTo }]): Rename[] =>
      renamedTo === undefined ? [] : [[from, renamedTo]],
    );
    return removed || renames.length === 0 ? [] : [{ name, renames }];
  });
}

/** The changes to write to an object; null for one that needs none. A value under the new name is newer. */
function changeOf(object: object, renames: readonly Rename[]): Record<string, unknown> | null {
  const values: Readonly<Record<string, unknown>> = { ...object };
  const change: Record<string, unknown> = {};
  for (const [from, to] of renames) {
    const value = values[from];
    if (value === undefined || value === null) continue;
    change[from] = null;
    if (values[to] === undefined || values[to] === null) change[to] = value;
  }
  return Object.keys(change).length === 0 ? null : change;
}
