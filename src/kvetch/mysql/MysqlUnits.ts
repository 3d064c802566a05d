import { itemAt } from '../../utils/itemAt.ts';
import { edgeChange, objectChange } from '../changes/changeKey.ts';
import { ConflictError, ShardMovedError } from '../errors.ts';
import { shardOfId } from '../ids/routing.ts';
import { attempt } from '../reads/attempt.ts';
import type { ObjectRow } from '../shards/rows.ts';
import type { EndRow, Entry, Stamp, UnitRows, UnitStamps, UnitStore, UnitWrite } from '../shards/ShardStore.ts';
import { confirmClaims, prepareClaim } from './confirmClaims.ts';
import { compareIds } from './edgeInserts.ts';
import type { FencedServer } from './FencedServer.ts';
import { idLiteral } from './literals.ts';
import { putChanges } from './MysqlChanges.ts';
import { comparePuts, type PreparedPut, preparePut, putEdgeRows } from './MysqlEdges.ts';
import { compareEntries, type PreparedEntry, prepareEntry, putEntryRows } from './MysqlEntries.ts';
import { insertObject } from './MysqlObjects.ts';
import { putNotes } from './MysqlOutbox.ts';
import { endColumns, objectColumns, objectValues, placeOf, type SqlRow, toEndRow, toObjectRow } from './rowMapping.ts';
import type { Session } from './Session.ts';
import { isDuplicate, isFenced, toFailure } from './serverErrors.ts';
import { fencedShard, READABLE } from './shardStates.ts';
import { type Insert, insertRows } from './upsert.ts';

/** By the primary key: another way to the rows would wait for the locks of rows that it passes. */
const lockRows = (ids: readonly string[]): string =>
  `SELECT ${objectColumns} FROM kvetch_objects FORCE INDEX (PRIMARY) WHERE obj_id IN (${ids.map(idLiteral).join(', ')}) FOR UPDATE`;

const lookAt = (ids: readonly string[]): string =>
  `SELECT ${endColumns} FROM kvetch_objects FORCE INDEX (PRIMARY) WHERE obj_id IN (${ids.map(idLiteral).join(', ')})`;

/** Only for rows that are locked: nobody can have changed them. */
const replace: Insert = {
  ...insertObject,
  tail: ` ON DUPLICATE KEY UPDATE version = VALUES(version), state = VALUES(state), codec = VALUES(codec),
  updated_us = VALUES(updated_us), body = VALUES(body)`,
};

/** Rows of several kinds that one database writes together. */
export class MysqlUnits implements UnitStore {
  readonly #to: FencedServer;

  constructor(to: FencedServer) {
    this.#to = to;
  }

  async writeUnits(units: readonly UnitWrite[]): Promise<ReadonlyArray<Entry<UnitStamps>>> {
    await this.#to.open();
    return Promise.all(units.map((unit) => this.#write(unit)));
  }

  async #write(unit: UnitWrite): Promise<Entry<UnitStamps>> {
    const knewOfChanges = this.#to.server.keepsChanges;
    const answer = await this.#try(unit).catch(toFailure);
    if (knewOfChanges || !(answer instanceof ShardMovedError)) return answer;
    // a refusal is how a process hears that changes are kept
    const isAgain = await this.#to.fence.reload().then(() => this.#to.server.keepsChanges, toFailure);
    return isAgain === true ? this.#try(unit).catch(toFailure) : answer;
  }

  async #try({ ids, ends, shards, plan }: UnitWrite): Promise<Entry<UnitStamps>> {
    const sorted = [...ids].sort(compareIds);
    try {
      const answer = await this.#to.server.transaction(async (session): Promise<Entry<() => UnitStamps>> => {
        const look = async (): Promise<LookOfUnit> => {
          const { rows, seen } = await readRows(session, sorted, ends);
          return { found: rows.size, prepared: attempt(() => this.#prepare(plan(rows, seen))) };
        };
        let { found, prepared } = await look();
        // a row that was not found may arrive with its shard as long as that is not held
        if (prepared instanceof Error || found + prepared.inserts.length < sorted.length) {
          await holdShards(session, shards);
          ({ found, prepared } = await look());
        }
        if (prepared instanceof Error) return prepared;
        // statements that write hold the shards of their rows
        const written = new Set([...prepared.inserts, ...prepared.replacements].map(({ shard }) => shard));
        const seen = sorted.map(shardOfId).filter((shard) => !written.has(shard));
        await holdShards(session, seen);
        const stamps = await writePrepared(session, prepared);
        await putChanges(session, changesOf(prepared));
        return stamps;
      });
      return answer instanceof Error ? answer : answer();
    } catch (error) {
      if (isFenced(error)) return new ShardMovedError(itemAt(shards, 0));
      if (!isDuplicate(error)) throw error;
      return new ConflictError(
        sorted[0] ?? '',
        'An object that the unit creates was created by another at the same time.',
        'retry',
      );
    }
  }

  #prepare({ inserts, replacements, claims, edges, entries, note }: UnitRows): PreparedUnit {
    for (const { body } of [...inserts, ...replacements, ...edges.map(({ row }) => row)]) this.#to.checkBody(body);
    const byId = (a: ObjectRow, b: ObjectRow): number => compareIds(a.id, b.id);
    return {
      inserts: inserts.toSorted(byId),
      replacements: replacements.toSorted(byId),
      claims: claims.map(prepareClaim),
      edges: edges.map(preparePut),
      entries: entries.map(prepareEntry),
      note,
    };
  }
}

interface LookOfUnit {
  /** How many of the objects are there. */
  readonly found: number;
  readonly prepared: Entry<PreparedUnit>;
}

interface PreparedUnit extends Pick<UnitRows, 'inserts' | 'replacements' | 'note'> {
  readonly claims: ReadonlyArray<ReturnType<typeof prepareClaim>>;
  readonly edges: readonly PreparedPut[];
  readonly entries: readonly PreparedEntry[];
}

function changesOf({ inserts, replacements, edges }: PreparedUnit): readonly string[] {
  return [...[...inserts, ...replacements].flatMap(objectChange), ...edges.flatMap(edgeChange)];
}

interface RowsOfUnit {
  readonly rows: ReadonlyMap<string, ObjectRow>;
  readonly seen: ReadonlyMap<string, EndRow>;
}

/** Locks objects and looks at others, in one text. The shards of the others are held before: what is not there is nowhere. */
async function readRows(session: Session, ids: readonly string[], ends: readonly string[]): Promise<RowsOfUnit> {
  if (ends.length === 0) return { rows: objectsOf(await lockedRows(session, ids)), seen: new Map() };
  const locked = ids.length === 0 ? () => [] : await session.pick(lockRows(ids));
  const shards = new Set(ends.map(shardOfId));
  const held = await session.pick(`SELECT ${fencedShard(shards, READABLE)}`);
  const seen = await session.rows(lookAt(ends));
  checkHeld(held(), shards);
  return { rows: objectsOf(locked()), seen: new Map(seen.map(toEndRow).map((row) => [row.id, row])) };
}

async function lockedRows(session: Session, ids: readonly string[]): Promise<readonly SqlRow[]> {
  return ids.length === 0 ? [] : session.rows(lockRows(ids));
}

function objectsOf(rows: readonly SqlRow[]): ReadonlyMap<string, ObjectRow> {
  return new Map(rows.map((columns) => toObjectRow(columns)).map((row) => [row.id, row]));
}

/** Keeps shards from being closed until the transaction ends. */
async function holdShards(session: Session, shards: readonly number[]): Promise<void> {
  if (shards.length > 0) checkHeld(await session.rows(`SELECT ${fencedShard(new Set(shards), session.fence)}`), shards);
}

function checkHeld([here]: readonly SqlRow[], shards: Iterable<number>): void {
  const [first = 0] = shards;
  if (here?.[0] === null || here === undefined) throw new ShardMovedError(first);
}

/** The stamps are known at the commit. */
async function writePrepared(session: Session, unit: PreparedUnit): Promise<() => UnitStamps> {
  await insertRows(session, insertObject, unit.inserts.map(objectValues));
  await insertRows(session, replace, unit.replacements.map(objectValues));
  await confirmClaims(session, unit.claims);
  const edgeStamps: Array<() => ReadonlyMap<PreparedPut, Stamp>> = [];
  for (const place of ['pos', 'sort_key'] as const) {
    const some = unit.edges.filter(({ row }) => placeOf(row) === place).sort(comparePuts);
    edgeStamps.push(await putEdgeRows(session, place, some));
  }
  const { stampsOf } = await putEntryRows(session, unit.entries.toSorted(compareEntries));
  await putNotes(session, [unit.note]);
  return () => {
    const edges = new Map(edgeStamps.flatMap((stamps) => [...stamps()]));
    const entries = stampsOf();
    return {
      edges: unit.edges.map((put) => edges.get(put) ?? null),
      entries: unit.entries.map((entry) => entries.get(entry) ?? null),
    };
  };
}
