import { errorOf } from '../../../errors/errorOf.ts';
import { itemAt } from '../../../utils/itemAt.ts';
import { BadCallError, ClaimLostError, ConflictError, DerivedWriteError, KvetchError } from '../../errors.ts';
import { shardOfId } from '../../ids/routing.ts';
import { freshnessOf, type KvetchContext } from '../../KvetchContext.ts';
import type { KvetchObject } from '../../KvetchObject.ts';
import type { ObjectType } from '../../schema/KvetchSchema.ts';
import { ConsistencyToken } from '../../shards/ConsistencyToken.ts';
import type { EntryRow, ObjectRow, OutboxNote } from '../../shards/rows.ts';
import type { EndRow, Entry, ShardStore, UnitRows, UnitStamps, UnitWrite } from '../../shards/ShardStore.ts';
import { checkEnds, type End } from '../checkEnds.ts';
import { leavesChildren, refuseWithChildren } from '../children.ts';
import { claimUnique, releaseClaims } from '../claimUnique.ts';
import { hitFaultPoint, noteDerivedFailure, publish } from '../faults.ts';
import { type DerivedRows, putDerived } from '../putDerived.ts';
import { checkPatchedIds } from '../storedIds.ts';
import { checkOwnChildren, checkOwnEnds } from './checkOwnEnds.ts';
import { findWritten } from './findUnit.ts';
import type { UnitMember } from './members.ts';
import { PreparedError } from './prepared.ts';
import { type PreparedMember, prepareMember } from './prepareMember.ts';
import { SplitUnit, type WrittenUnit } from './SplitUnit.ts';
import { settle } from './settle.ts';
import { UnitPlan } from './UnitPlan.ts';
import type { UnitResult } from './UnitResult.ts';
import { AbortedError, named, naming, RepeatedError, SplitError, UnclaimedError } from './unitErrors.ts';
import { keptOf, placeOfUnit, rowOfKey, type UnitKey, type UnitOptions } from './unitKey.ts';

const CLAIM_TRIES = 3;

/**
 * Writes all members or none: in one transaction where they lie on one server, and derived rows on other servers follow, as
 * those of single writes do. Over several servers they are prepared, decided and applied (`SplitUnit`).
 */
export async function writeUnit(
  context: KvetchContext,
  given: readonly UnitMember[],
  options: UnitOptions = {},
): Promise<UnitResult> {
  await context.backfills.ready();
  const { shard, keyed } = placeOfUnit(context, given, options);
  const places = { key: keyed?.key ?? null, shard };
  const members = given.map((member, at) => naming(at, () => prepareMember(context, member, at, places)));
  try {
    return await new UnitOfWork(context, await checkNeighbours(context, members), keyed).write();
  } catch (error) {
    // what the unit has changed, when it was written before, may refuse its repeat
    const written = keyed !== null && isRefusal(error) ? await findWritten(context, keyed, error) : null;
    if (written === null) throw error;
    return written;
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof KvetchError && error.effect === 'not-applied';
}

/**
 * Looks for children of what is deleted, and for objects that patches name, if they are no members. Members are returned
 * with the ends that the plan judges.
 */
async function checkNeighbours(
  context: KvetchContext,
  members: readonly PreparedMember[],
): Promise<readonly PreparedMember[]> {
  const held = new Set(members.map(({ id }) => id));
  const created = new Map<string, ObjectType>();
  for (const { id, typeId = 0 } of members) {
    const type = context.schema.findType(typeId);
    if (id !== null && type !== null) created.set(id, type);
  }
  const check = async (member: PreparedMember): Promise<PreparedMember> => {
    const { id, patch, deletes } = member;
    if (id !== null && deletes === true) await refuseWithChildren(context, id, held);
    if (id !== null && patch !== undefined)
      return { ...member, ends: await checkPatchedIds(context, id, patch, { held, created }) };
    return member;
  };
  return Promise.all(members.map((member, at) => check(member).catch(throwNamed(at))));
}

const throwNamed =
  (at: number) =>
  (error: unknown): never => {
    throw named(at, error);
  };

/** A plan of a unit, divided by where its rows lie. */
interface Planned {
  readonly records: ReadonlyArray<KvetchObject | null>;
  readonly claims: readonly EntryRow[];
  readonly keys: readonly string[];
  readonly here: UnitRows;
  readonly elsewhere: DerivedRows;
  readonly note: OutboxNote | undefined;
  /** Whether it deletes an object whose delete goes on to others. */
  readonly hasChildren: boolean;
}

class UnitOfWork {
  readonly #context: KvetchContext;
  readonly #members: readonly PreparedMember[];
  readonly #keyed: UnitKey | null;
  /** The objects that nobody else may change meanwhile. */
  readonly #ids: readonly string[];
  /** `#ids`, to look ids up. */
  readonly #held: ReadonlySet<string>;
  /** The ends that are no members. */
  readonly #ends: ReadonlySet<string>;
  readonly #claimed = new Map<string, EntryRow>();
  #last: Planned | null = null;

  constructor(context: KvetchContext, members: readonly PreparedMember[], keyed: UnitKey | null) {
    this.#context = context;
    this.#members = members;
    this.#keyed = keyed;
    this.#held = new Set(members.flatMap(({ id }) => id ?? []).concat(keyed?.id ?? []));
    this.#ids = [...this.#held];
    const ends = members.flatMap((member) => member.ends?.ends.map(({ id }) => id) ?? []);
    this.#ends = new Set(ends.filter((id) => !this.#held.has(id)));
  }

  async write(): Promise<UnitResult> {
    try {
      await this.#claim(this.#members.flatMap(({ claims }) => claims));
      return await this.#writeClaimed(performance.now() + this.#context.limits.updateWaitMs, false);
    } catch (error) {
      if (!(error instanceof KvetchError) || isRefusal(error))
        await releaseClaims(this.#context, [...this.#claimed.values()]);
      throw error;
    }
  }

  /** What the stored rows ask for in claims is known only when they are locked: then it is tried again. */
  async #writeClaimed(end: number, isSplit: boolean): Promise<UnitResult> {
    for (let [tries, lost, waited] = [1, 1, 0]; ; tries++) {
      const answer = isSplit ? await this.#attemptSplit(waited > 0) : await this.#attempt();
      if (!(answer instanceof Error)) return 'objects' in answer ? this.#finishSplit(answer) : this.#finish(answer);
      if (answer instanceof UnclaimedError && tries - waited < 10) await this.#claim(answer.claims);
      else if (answer instanceof ClaimLostError && lost++ < CLAIM_TRIES) {
        const again = [...this.#claimed.values()];
        this.#claimed.clear();
        await this.#claim(again); // a writer that has taken the value meanwhile is met by the next claim
      } else if (answer instanceof SplitError) {
        return this.#context.unitLines.pass(this.#ids, () => this.#writeClaimed(end, true));
      } else if (answer instanceof PreparedError || answer instanceof AbortedError) {
        if (performance.now() >= end) throw this.#tooLate(answer);
        if (answer instanceof PreparedError) await settle(this.#context, answer.row);
        waited++;
      } else throw answer;
    }
  }

  #tooLate(error: PreparedError | AbortedError): ConflictError {
    const id = error instanceof PreparedError ? error.row.id : (this.#members.find((one) => one.id !== null)?.id ?? '');
    const message = `Objects of the unit are changed by many at a time: it had no turn for ${this.#context.limits.updateWaitMs} ms.`;
    return new ConflictError(id, message, 'retry');
  }

  async #claim(claims: readonly EntryRow[]): Promise<void> {
    if (claims.length === 0) return;
    const answers = await claimUnique(this.#context, claims);
    for (const [at, claim] of claims.entries()) if (answers[at] === null) this.#claimed.set(keyOfClaim(claim), claim);
    for (const [at, answer] of answers.entries()) {
      if (answer instanceof Error) throw this.#namedById(itemAt(claims, at).targetId, answer);
    }
    await hitFaultPoint(this.#context, 'afterClaim');
  }

  #namedById(id: string, error: Error): unknown {
    const at = this.#members.findIndex((member) => member.id === id);
    return at === -1 ? error : named(at, error);
  }

  async #attempt(): Promise<Entry<UnitStamps>> {
    const { shards, stats } = this.#context;
    const home = this.#members.map(({ shard }) => shard);
    stats.writeRounds++;
    this.#last = null;
    const [answer = new BadCallError('No store has answered.')] = await shards.scatter({
      keys: [this.#ids],
      shardOf: () => itemAt(home, 0),
      call: async (store) => {
        if (home.some((shard) => shards.storeOf(shard) !== store)) return [new SplitError()];
        const here = new Set([...this.#ends].filter((id) => shards.storeOf(shardOfId(id)) === store));
        const { expiry } = this.#context;
        const failure = here.size < this.#ends.size || expiry !== null ? await this.#checkEnds(here) : null;
        if (failure !== null) return [failure];
        const plan: UnitWrite['plan'] = (rows, ends) =>
          this.#plan(store, rows, (id) => (here.has(id) ? (ends.get(id) ?? null) : undefined)).here;
        return store.writeUnits([{ ids: this.#ids, ends: [...here], shards: [...new Set(home)], plan }]);
      },
      effect: 'unknown',
    });
    return answer;
  }

  /** Looks for ends where the unit's transaction cannot, and for those that may have expired: it does not read so much of them. */
  async #checkEnds(seen: ReadonlySet<string>): Promise<Error | null> {
    const { expiry } = this.#context;
    const isOther = ({ id, typeId }: End): boolean =>
      this.#ends.has(id) && (!seen.has(id) || expiry?.has(typeId) === true);
    const checks = this.#members.map(({ ends }, at) =>
      ends === null ? null : checkEnds(this.#context, ends.place, ends.ends.filter(isOther)).catch(throwNamed(at)),
    );
    return Promise.all(checks).then(() => null, errorOf);
  }

  async #attemptSplit(inTurn: boolean): Promise<Entry<WrittenUnit>> {
    const failure = await this.#checkEnds(new Set());
    if (failure !== null) return failure;
    const unit = new SplitUnit(this.#context, {
      members: this.#members,
      keyed: this.#keyed,
      isClaimed: (claim) => this.#claimed.has(keyOfClaim(claim)),
    });
    return unit.write(inTurn);
  }

  /** Called under the locks of the rows, perhaps again with newer ones. */
  #plan(
    store: ShardStore,
    stored: ReadonlyMap<string, ObjectRow>,
    endOf: (id: string) => EndRow | null | undefined,
  ): Planned {
    const context = this.#context;
    const keyed = this.#keyed;
    const unit = new UnitPlan(context, stored);
    if (keyed !== null && unit.isLive(keyed.id)) throw new RepeatedError(unit.live(keyed.id, undefined));
    const records = this.#members.map((member, at) => naming(at, () => member.plan(unit)));
    checkOwnEnds(context, this.#members, (id) => (this.#held.has(id) ? unit.row(id) : endOf(id)));
    checkOwnChildren(context, this.#members, () => unit);
    const isHere = ({ shard }: { readonly shard: number }): boolean => context.shards.storeOf(shard) === store;
    if (!unit.claims.every(isHere)) throw new SplitError();
    const unclaimed = unit.claims.filter((claim) => !this.#claimed.has(keyOfClaim(claim)));
    if (unclaimed.length > 0) throw new UnclaimedError(unclaimed);
    if (keyed !== null) unit.keep(rowOfKey(context, keyed, keptOf(this.#members, null)));
    const elsewhere: DerivedRows = {
      edges: unit.edges.map(({ row }) => row).filter((row) => !isHere(row)),
      entries: unit.entries.map(({ row }) => row).filter((row) => !isHere(row)),
    };
    const keys = [...unit.keys];
    const { replacements } = unit;
    const hasChildren = replacements.some((row) => leavesChildren(context.schema, row));
    const hasMore = hasChildren || elsewhere.edges.length + elsewhere.entries.length > 0;
    const note = keys.length === 0 ? undefined : context.outbox.note(itemAt(this.#members, 0).shard, keys, hasMore);
    const here: UnitRows = {
      inserts: unit.inserts,
      replacements,
      claims: unit.claims,
      edges: unit.edges.filter(({ row }) => isHere(row)),
      entries: unit.entries.filter(({ row }) => isHere(row)),
      note,
    };
    this.#last = { records, claims: unit.claims, keys, here, elsewhere, note, hasChildren };
    return this.#last;
  }

  async #finish(stamps: UnitStamps): Promise<UnitResult> {
    const context = this.#context;
    const planned = this.#last;
    if (planned === null) throw new BadCallError('A store has answered a unit that it was not asked for.');
    const freshness = this.#noted(planned, stamps);
    await hitFaultPoint(context, 'afterObject');
    await this.#releaseUnused(planned.claims);
    const failures = new Map<string, Error>();
    const { edges, entries } = planned.elsewhere;
    if (edges.length + entries.length > 0) await putDerived(context, planned.elsewhere, failures);
    for (const id of failures.keys()) noteDerivedFailure(context, id);
    const { keys, note, hasChildren } = planned;
    const unfinished = new Set(failures.size > 0 ? [note] : []);
    if (keys.length > 0)
      await publish(context, { kind: 'unit', keys }, [note], unfinished, hasChildren ? note : undefined);
    const [failed] = failures;
    if (failed !== undefined && context.strictDerived) throw new DerivedWriteError(...failed);
    return { objects: planned.records, freshness, isNew: true };
  }

  /** Its derived rows are written with the objects. */
  async #finishSplit(written: WrittenUnit): Promise<UnitResult> {
    const context = this.#context;
    context.stats.splitUnits++;
    const freshness = freshnessOf(context) ?? new ConsistencyToken();
    for (const { row } of written.edges) freshness.noteEdge(row);
    for (const { row, unique } of written.entries) if (!unique) freshness.noteEntry(row);
    for (const row of written.objects) freshness.noteObject(row);
    await hitFaultPoint(context, 'afterApply');
    await this.#releaseUnused(written.claims);
    const { keys, notes, failure } = written;
    const hasChildren = written.objects.some((row) => leavesChildren(context.schema, row));
    const unfinished = new Set(failure === null ? [] : notes);
    await publish(context, { kind: 'unit', keys }, notes, unfinished, hasChildren ? notes[0] : undefined);
    if (failure !== null) throw failure;
    return { objects: written.records, freshness, isNew: true };
  }

  async #releaseUnused(claims: readonly EntryRow[]): Promise<void> {
    const used = new Set(claims.map(keyOfClaim));
    const unused = [...this.#claimed].filter(([key]) => !used.has(key)).map(([, claim]) => claim);
    await releaseClaims(this.#context, unused);
  }

  /** Notes the rows for reads of the caller: objects last, so that they are forgotten last. */
  #noted({ here }: Planned, stamps: UnitStamps): ConsistencyToken {
    const freshness = freshnessOf(this.#context) ?? new ConsistencyToken();
    for (const [at, { row }] of here.edges.entries()) freshness.noteEdge({ ...row, ...stamps.edges[at] });
    for (const [at, { row, unique }] of here.entries.entries()) {
      const srcVersion = stamps.entries[at]?.srcVersion ?? row.srcVersion;
      if (!unique) freshness.noteEntry({ ...row, srcVersion });
    }
    for (const row of [...here.inserts, ...here.replacements]) freshness.noteObject(row);
    return freshness;
  }
}

function keyOfClaim({ index, value, targetId }: EntryRow): string {
  return `${index} ${targetId} ${value}`;
}
