import type { Kvetch } from '../../kvetch/Kvetch.ts';
import type { Lock } from '../lock/Lock.ts';

/** How far a migration is: what a run that ended early leaves for the next. */
export interface MigrationState {
  /** By type, the id of the last object that was looked at; null when all were. */
  readonly done: Readonly<Record<string, string | null>>;
}

export interface MigrateOptions {
  readonly kvetch: Kvetch;
  /** `grapple.lock.json`, which knows what was renamed. */
  readonly lock: Lock;
  /** Where an earlier run stopped. Default: begin anew. */
  readonly state?: MigrationState;
  /** Told after each page; keep it for the next run. */
  readonly onState?: (state: MigrationState) => void;
  readonly print?: (line: string) => void;
  readonly pageSize?: number;
}

/** What a migration has done. */
export interface Migrated {
  /** Objects whose renamed attributes were moved. */
  readonly moved: number;
  /** Whether every edge and index was filled; false where a server was down, or another cleaner is at work. */
  readonly complete: boolean;
}

/**
 * Brings stored objects up to a changed schema: moves the values of renamed attributes, then fills new edges and
 * indexes. Doing it again changes nothing. Run it while the application runs: both names are read until it is done.
 */
export async function migrate(options: MigrateOptions): Promise<Migrated> {
  const { kvetch, lock, print = () => {} } = options;
  let moved = 0;
  let done = { ...options.state?.done };
  for (const { name, renames } of renamesOf(lock)) {
    if (done[name] === null) continue;
    for (let after: string | null = done[name] ?? null, isLast = false; !isLast; ) {
      const page = await kvetch.browse(name, { first: options.pageSize ?? 500, after });
      for (const object of page.objects) {
        if (object instanceof Error) throw object;
        const change = changeOf(object, renames);
        if (change === null) continue;
        await kvetch.updateObject(object.id, change, { ifVersion: object.version });
        moved++;
      }
      isLast = !page.hasNextPage || page.endCursor === null;
      after = page.endCursor;
      done = { ...done, [name]: isLast ? null : after };
      options.onState?.({ done });
    }
    print(`${name}: ${renames.map(([from, to]) => `${from} is ${to}`).join(', ')}.`);
  }
  const report = await kvetch.clean({ mode: 'full' });
  print(`Edges and indexes: ${report.scanned} rows looked at${report.complete ? '' : '; not complete, run it again'}.`);
  return { moved, complete: report.complete };
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

/** What to write to an object; null for one that needs nothing. A value under the new name is newer. */
function changeOf(object: object, renames: readonly Rename[]): Record<string, unknown> | null {
  const values = object as Readonly<Record<string, unknown>>;
  const change: Record<string, unknown> = {};
  for (const [from, to] of renames) {
    const value = values[from];
    if (value === undefined || value === null) continue;
    change[from] = null;
    if (values[to] === undefined || values[to] === null) change[to] = value;
  }
  return Object.keys(change).length === 0 ? null : change;
}
