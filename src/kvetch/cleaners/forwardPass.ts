import { appendAll } from '../../utils/appendAll.ts';
import { itemAt } from '../../utils/itemAt.ts';
import { decodeBody, type Envelope } from '../codec/objectBody.ts';
import { UniqueViolationError } from '../errors.ts';
import { attempt } from '../reads/attempt.ts';
import { readObjectRows } from '../reads/readObjects.ts';
import { isReservedType } from '../schema/reservedTypes.ts';
import { type EdgeRow, type EntryRow, LIVE, type ObjectRow, TOMBSTONE } from '../shards/rows.ts';
import type { Entry } from '../shards/ShardStore.ts';
import { claimUnique } from '../writes/claimUnique.ts';
import { type Derived, derive, edgeRow, entryRow, liveRows, nothingDerived } from '../writes/derive.ts';
import { haveHeard } from '../writes/faults.ts';
import { entriesKey } from '../writes/putDerived.ts';
import { settleRows } from '../writes/unit/settle.ts';
import { releaseDangling } from './danglingIds.ts';
import { type CleanerWrites, newWrites, readEdgeRows, readEntryRows, readHolderRows, write } from './derivedRows.ts';
import { removeExpired } from './expiredObjects.ts';
import { type ClaimKey, claimsOf, type Survey } from './Findings.ts';
import type { CleanPage, CleanPass, PassedPage, Repair } from './runPass.ts';

/**
 * From objects to their derived rows: adds edges and index entries that are missing, at the position that the
 * object remembers, and takes away those that its last write should have taken away. A new edge or index in the
 * schema is filled in the same way.
 */
export const forwardPass: CleanPass = {
  name: 'forward',
  fills: true,
  judges: 'objects',
  async run(page) {
    const survey = page.found.surveyOf(page.store);
    if (survey !== null && !survey.isSettled) return settle(page, survey);
    const { rows, next } = await page.store.scanObjects(page.request);
    await repairObjects(page, await releaseObjects(page, await settledObjects(page, rows)));
    return { rows: rows.length, next };
  },
};

/**
 * Looks at the objects whose rows were not all seen. Leftovers of the others' last writes were: no object asks for them.
 * What is behind the end of the survey is scanned.
 */
async function settle(page: CleanPage, survey: Survey): Promise<PassedPage> {
  const { after, limit, toUs } = page.request;
  const ids = new Set<string>();
  const claims: ClaimKey[] = [];
  for (const [id, expected] of survey.expected) {
    const own = claimsOf(id, expected);
    if (own === null) ids.add(id);
    else appendAll(claims, own);
    survey.expected.delete(id);
    if (ids.size + claims.length >= limit) break;
  }
  for (const [at, holder] of (await readHolderRows(page.context, claims)).entries()) {
    const { targetId } = itemAt(claims, at);
    if (holder instanceof Error || !isHeld(holder, targetId)) ids.add(targetId);
  }
  const rows = await settledObjects(page, await readObjectRows(page.context, [...ids]));
  await repairObjects(
    page,
    rows.filter(({ updatedUs }) => updatedUs <= toUs), // others are being written, or are new
  );
  if (survey.expected.size > 0) return { rows: 0, next: after, isOpen: true };
  survey.isSettled = true;
  page.counters.errors += survey.counters.errors;
  page.counters.unknown += survey.counters.unknown;
  return { rows: 0, next: survey.end === null ? null : (after ?? survey.end) };
}

function isHeld(holder: EntryRow | null, id: string): boolean {
  return holder !== null && holder.state === LIVE && holder.targetId === id;
}

/** Puts missing derived rows of objects, as they are in the store, and takes away those that are no longer derived. */
export async function repairObjects(repair: Repair, rows: readonly ObjectRow[]): Promise<void> {
  const expected = rows.flatMap((row) => expectationOf(repair, row) ?? []);
  const writes = newWrites();
  await Promise.all([compareEdges(repair, expected, writes), compareEntries(repair, expected, writes)]);
  await claimMissing(repair, expected);
  await write(repair, writes);
}

/** Rows of objects behind the units that have prepared them, or are decided by them. A dry run settles nothing. */
export async function settledRows(
  { context, settings }: Repair,
  rows: ReadonlyArray<Entry<ObjectRow | null>>,
): Promise<ReadonlyArray<Entry<ObjectRow | null>>> {
  return settings.dryRun ? rows : settleRows(context, rows);
}

/** The same, of those that are there. What cannot be read or settled is counted. */
export async function settledObjects(
  repair: Repair,
  rows: ReadonlyArray<Entry<ObjectRow | null>>,
): Promise<readonly ObjectRow[]> {
  const settled = await settledRows(repair, rows);
  repair.counters.errors += settled.filter((row) => row instanceof Error).length;
  return settled.filter((row): row is ObjectRow => row !== null && !(row instanceof Error));
}

/** Lets go of objects whose time has come, and of children whose parent has gone. Returns the others. */
export async function releaseObjects(page: CleanPage, rows: readonly ObjectRow[]): Promise<readonly ObjectRow[]> {
  return releaseDangling(page, await removeExpired(page, rows));
}

/** The rows that must follow from one object, and those that must not. */
interface Expectation {
  readonly object: ObjectRow;
  readonly derived: Derived;
  readonly live: { readonly edges: readonly EdgeRow[]; readonly entries: readonly EntryRow[] };
  readonly claims: readonly EntryRow[];
  readonly dead: { readonly edges: readonly EdgeRow[]; readonly entries: readonly EntryRow[] };
}

export function expectationOf({ context, counters, settings, place }: Repair, object: ObjectRow): Expectation | null {
  const type = context.schema.findType(object.typeId);
  if (type === null) {
    if (!isReservedType(object.typeId)) counters.unknown++;
    return null;
  }
  const source = { id: object.id, version: object.version, nowUs: context.nowUs() };
  const expectation = attempt((): Expectation => {
    const { attributes, envelope } = decodeBody(object);
    const derived = object.state === LIVE ? derive(type, object.id, attributes) : nothingDerived;
    // others may have the values of an object that has expired
    const claiming = context.expiry?.hasExpired(object) === true ? [] : derived.entries;
    // an edge that came into the schema later has its objects in the order in which they were created
    const pos = Object.fromEntries(
      derived.edges.map(({ edge }) => [edge.edgeId, envelope.pos?.[edge.edgeId] ?? object.createdUs]),
    );
    return {
      object,
      derived,
      live: liveRows(derived, source, pos),
      claims: claiming.filter(({ index }) => index.unique).map((entry) => entryRow(entry, source, LIVE)),
      dead: goneRows(envelope, derived, source),
    };
    function goneRows(
      { goneEdges = [], goneEntries = [] }: Envelope,
      now: Derived,
      of: typeof source,
    ): Expectation['dead'] {
      const edges = goneEdges.flatMap(([edgeId, fromId]) => {
        const edge = context.schema.findEdge(edgeId);
        const isBack = now.edges.some((one) => one.edge === edge && one.fromId === fromId);
        return edge === null || isBack ? [] : [edgeRow({ edge, fromId }, of, of.nowUs, TOMBSTONE)];
      });
      const entries = goneEntries.flatMap(([name, value]) => {
        const index = context.schema.findIndex(name);
        const isBack = now.entries.some((one) => one.index === index && one.value === value);
        return index === null || isBack ? [] : [entryRow({ index, value }, of, TOMBSTONE)];
      });
      return { edges, entries };
    }
  });
  if (!(expectation instanceof Error)) return expectation;
  counters.errors++;
  settings.onError(expectation, { ...place, id: object.id });
  return null;
}

async function compareEdges(page: Repair, expected: readonly Expectation[], writes: CleanerWrites): Promise<void> {
  const { counters } = page;
  const wanted = expected.flatMap(({ live, dead }) => [...live.edges, ...dead.edges]);
  const there = await readEdgeRows(page.context, wanted);
  for (const [at, row] of wanted.entries()) {
    const found = there[at] ?? null;
    if (found instanceof Error) counters.errors++;
    else if (
      row.state === LIVE
        ? isMissing(found, row) || found?.pos !== row.pos || found.key !== row.key
        : isLeftOver(found, row)
    ) {
      if (found !== null && found.srcVersion > row.srcVersion) continue; // the object has moved on since it was read
      writes.edges.push(row);
      if (row.state === LIVE) counters.missingEdges++;
      else counters.orphanEdges++;
    }
  }
}

async function compareEntries(page: Repair, expected: readonly Expectation[], writes: CleanerWrites): Promise<void> {
  const { counters } = page;
  const wanted = expected.flatMap(({ live, dead }) => [...live.entries, ...dead.entries]);
  const there = await readEntryRows(page.context, wanted);
  for (const [at, row] of wanted.entries()) {
    const found = there[at] ?? null;
    if (found instanceof Error) counters.errors++;
    else if (row.state === LIVE ? isMissing(found, row) : isLeftOver(found, row)) {
      writes.entries.push(row);
      if (row.state === LIVE) counters.missingIndex++;
      else counters.staleIndex++;
    }
  }
}

function isMissing(found: EdgeRow | EntryRow | null, { srcVersion }: EdgeRow | EntryRow): boolean {
  return found === null || (found.state === TOMBSTONE && found.srcVersion <= srcVersion);
}

function isLeftOver(found: EdgeRow | EntryRow | null, { srcVersion }: EdgeRow | EntryRow): boolean {
  return found !== null && found.state === LIVE && found.srcVersion <= srcVersion;
}

/** Unique values are claimed as writes claim them, so that the cleaner cannot take one from its owner. */
async function claimMissing(page: Repair, expected: readonly Expectation[]): Promise<void> {
  const { context, counters, settings } = page;
  const claims = expected.flatMap((expectation) => expectation.claims);
  const holders = await readHolderRows(context, claims);
  const missing = claims.filter((claim, at) => {
    const holder = holders[at] ?? null;
    if (holder instanceof Error) counters.errors++;
    return !(holder instanceof Error) && !isHeld(holder, claim.targetId);
  });
  if (settings.dryRun) {
    counters.missingIndex += missing.length;
    return;
  }
  const claimed: string[] = [];
  for (const [at, answer] of (await claimUnique(context, missing)).entries()) {
    if (answer === null) claimed.push(entriesKey(itemAt(missing, at)));
    else if (answer instanceof UniqueViolationError) {
      counters.conflicts++;
      settings.onConflict({ index: answer.index, ownerId: answer.ownerId, id: itemAt(missing, at).targetId });
    } else counters.errors++;
  }
  counters.missingIndex += claimed.length;
  if (claimed.length > 0 && !(await haveHeard(context, claimed))) counters.errors++;
}
