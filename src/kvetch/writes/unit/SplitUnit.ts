import { errorOf } from '../../../errors/errorOf.ts';
import { groupBy } from '../../../utils/groupBy.ts';
import { itemAt } from '../../../utils/itemAt.ts';
import { mustGet } from '../../../utils/mustGet.ts';
import { decodeObject } from '../../codec/objectBody.ts';
import { KvetchError, ShardUnavailableError, UniqueViolationError } from '../../errors.ts';
import { shardOfId } from '../../ids/routing.ts';
import type { KvetchContext } from '../../KvetchContext.ts';
import type { KvetchObject } from '../../KvetchObject.ts';
import { type EntryRow, type ObjectRow, type OutboxNote, TOMBSTONE } from '../../shards/rows.ts';
import type { EdgePut, Entry, EntryPut, ShardStore, UnitRows, UnitStamps } from '../../shards/ShardStore.ts';
import { confirmElsewhere } from '../claimUnique.ts';
import { hitFaultPoint } from '../faults.ts';
import { checkOwnChildren, checkOwnEnds } from './checkOwnEnds.ts';
import { type Decision, isUndone, PreparedError, prepareCreated, prepareRow, rowOfDecision } from './prepared.ts';
import type { PreparedMember } from './prepareMember.ts';
import { decide, finishUnit, forgetDecision, GRACE_MS, settle } from './settle.ts';
import { UnitPlan } from './UnitPlan.ts';
import { AbortedError, naming, RepeatedError, UnclaimedError } from './unitErrors.ts';
import { keptOf, rowOfKey, type UnitKey } from './unitKey.ts';
import { versionedByHand } from './versionedByHand.ts';

export interface SplitWork {
  readonly members: readonly PreparedMember[];
  readonly keyed: UnitKey | null;
  readonly isClaimed: (claim: EntryRow) => boolean;
}

/** A unit that was decided. */
export interface WrittenUnit {
  readonly records: ReadonlyArray<KvetchObject | null>;
  readonly claims: readonly EntryRow[];
  readonly keys: readonly string[];
  readonly notes: ReadonlyArray<OutboxNote | undefined>;
  readonly objects: readonly ObjectRow[];
  readonly edges: readonly EdgePut[];
  readonly entries: readonly EntryPut[];
  /** A server did not apply its part: others will. */
  readonly failure: Error | null;
}

/** A member that has an object; -1 is the row of the unit's key. */
interface Place {
  readonly at: number;
  readonly id: string;
  readonly shard: number;
}

/** The members that one server has prepared. */
interface PreparedPart {
  readonly plan: UnitPlan;
  readonly rows: UnitRows;
  readonly finals: readonly ObjectRow[];
  readonly records: ReadonlyMap<number, KvetchObject | null>;
}

/**
 * One try to write a unit over several servers. Each server prepares its members in one transaction: conditions are judged
 * under locks, and each object's row keeps its change beside what readers see. One row at the unit's home decides. Then each
 * server applies its part in one transaction. Nobody waits for another unit while anything is prepared, so units do not lock
 * each other out. Each try has an id of its own: what comes late of an earlier one can only be aborted.
 */
export class SplitUnit {
  readonly #context: KvetchContext;
  readonly #work: SplitWork;
  readonly #places: readonly Place[];
  readonly #unit: string;
  readonly #prepared: PreparedPart[] = [];
  readonly #confirmed = new Set<EntryRow>();
  readonly #beginUs: number;
  readonly #begin: number = performance.now();

  constructor(context: KvetchContext, work: SplitWork) {
    this.#context = context;
    this.#work = work;
    this.#beginUs = context.nowUs();
    const own = work.members.flatMap(({ id, shard }, at): Place | [] => (id === null ? [] : { at, id, shard }));
    const { keyed } = work;
    this.#places = keyed === null ? own : [{ at: -1, id: keyed.id, shard: shardOfId(keyed.id) }, ...own];
    this.#unit = context.ids.next(itemAt(work.members, 0).shard);
  }

  /**
   * The unit, or why it was not written: then nothing of it is prepared any more, as far as servers answer. `inTurn`: one
   * server after the other in the same order as others do, so that one of two units that want the same objects is first.
   * Throws where it is not known whether the unit was decided.
   */
  async write(inTurn: boolean): Promise<Entry<WrittenUnit>> {
    const failure = await this.#prepareAll(inTurn);
    if (failure !== null) return this.#takeBack(failure);
    const planned = await this.#planDecision().catch(errorOf);
    if (planned instanceof Error) return this.#takeBack(planned);
    await hitFaultPoint(this.#context, 'afterPrepare');
    if (this.#isLate()) return this.#takeBack(new AbortedError());
    const { decision, written } = planned;
    const [note] = written.notes;
    const decided = await this.#decide(decision, note);
    if (decided instanceof Error) return this.#takeBack(decided);
    if (decided.verdict === 'aborted') return this.#takeBack(new AbortedError());
    await hitFaultPoint(this.#context, 'afterDecide');
    try {
      await finishUnit(this.#context, decision);
    } catch (error) {
      return { ...written, failure: unfinished(error) };
    }
    forgetDecision(this.#context, decision, rowOfDecision(decision, 0));
    return written;
  }

  /**
   * Whether this process was stopped for so long that others may have aborted the unit and forgotten that: the decision to
   * write it must not follow. One of the two clocks stands still while a machine sleeps.
   */
  #isLate(): boolean {
    const passedMs = Math.max(performance.now() - this.#begin, (this.#context.nowUs() - this.#beginUs) / 1000);
    return passedMs > this.#context.limits.updateWaitMs;
  }

  async #prepareAll(inTurn: boolean): Promise<Error | null> {
    const { shards } = this.#context;
    const byName = groupBy(this.#places, ({ shard }) => shards.storeOf(shard).name);
    const groups = inTurn ? [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group) : [this.#places];
    for (const group of groups) {
      const failure = await this.#prepareGroup(group, inTurn && this.#prepared.length > 0);
      if (failure !== null) return failure;
    }
    return null;
  }

  /**
   * Why not all of it is prepared. `mayWait`: for units that have prepared objects there. Those in turn wait in the order of
   * servers, so not for each other; where a shard moves they may, and others abort a unit that they have met for long.
   */
  async #prepareGroup(group: readonly Place[], mayWait: boolean): Promise<Error | null> {
    const held = this.#prepared.length;
    for (;;) {
      const errors = (await this.#prepare(group)).filter((answer) => answer instanceof Error);
      // a refusal counts more than an object that another unit holds: waiting for that would not change it
      const failure = errors.find((error) => !(error instanceof PreparedError)) ?? errors[0] ?? null;
      const isWhole = this.#prepared.length === held; // not where its shards have moved to two servers
      const isEarly = performance.now() - this.#begin < HOLD_MS;
      if (!(failure instanceof PreparedError && mayWait && isWhole && isEarly)) return failure;
      const error = await settle(this.#context, failure.row).catch(errorOf);
      if (error instanceof Error) return error;
    }
  }

  #prepare(group: readonly Place[]): Promise<ReadonlyArray<Entry<UnitStamps>>> {
    return Promise.resolve(
      this.#context.shards.scatter<Place, UnitStamps>({
        keys: group,
        shardOf: ({ shard }) => shard,
        call: async (store, some) => {
          await hitFaultPoint(this.#context, 'beforePrepare');
          let part: PreparedPart | null = null;
          const plan = (stored: ReadonlyMap<string, ObjectRow>): UnitRows => {
            part = this.#planPart(store, some, stored);
            return part.rows;
          };
          const ids = [...new Set(some.map(({ id }) => id))];
          const of = [...new Set(some.map(({ shard }) => shard))];
          this.#context.stats.writeRounds++;
          const answer = itemAt(await store.writeUnits([{ ids, ends: [], shards: of, plan }]), 0);
          if (part !== null && !(answer instanceof Error)) this.#prepared.push(part);
          return some.map(() => answer);
        },
        effect: 'unknown',
      }),
    );
  }

  /** Called under the locks of the rows, perhaps again with newer ones. */
  #planPart(store: ShardStore, some: readonly Place[], stored: ReadonlyMap<string, ObjectRow>): PreparedPart {
    const { members, keyed, isClaimed } = this.#work;
    const plan = new UnitPlan(this.#context, stored, 1);
    const records = new Map<number, KvetchObject | null>();
    for (const { at, id } of some) {
      if (at !== -1)
        records.set(
          at,
          naming(at, () => itemAt(members, at).plan(plan)),
        );
      else if (plan.isLive(id)) throw new RepeatedError(mustGet(stored, id));
      else if (keyed !== null) plan.keep(rowOfKey(this.#context, keyed, keptOf(members, this.#unit)));
    }
    const unclaimed = plan.claims.filter((claim) => !isClaimed(claim));
    if (unclaimed.length > 0) throw new UnclaimedError(unclaimed);
    const claims = plan.claims.filter(({ shard }) => this.#context.shards.storeOf(shard) === store);
    for (const claim of claims) this.#confirmed.add(claim);
    const nowUs = this.#context.nowUs();
    const created = plan.inserts;
    const replaced = new Map(plan.replacements.map((row) => [row.id, row]));
    const finals = [...created];
    const replacements: ObjectRow[] = [];
    for (const row of stored.values()) {
      const planned = replaced.get(row.id);
      const isGone = row.state === TOMBSTONE;
      if (isGone && planned === undefined) continue; // a delete of what is not there
      const final = planned ?? { ...row, version: row.version + 2, record: null };
      finals.push(final);
      replacements.push(
        isUndone(row) ? prepareCreated(row, final, this.#unit, nowUs) : prepareRow(row, final, this.#unit, nowUs),
      );
    }
    const ids = finals.map(({ id }) => `o:${id}`);
    const note = ids.length === 0 ? undefined : this.#context.outbox.note(itemAt(some, 0).shard, ids, true);
    const inserts = created.map((row) => prepareCreated(null, row, this.#unit, nowUs));
    return { plan, finals, records, rows: { inserts, replacements, claims, edges: [], entries: [], note } };
  }

  /** What is decided, now that all members are prepared: nobody else changes their objects. */
  async #planDecision(): Promise<{ readonly decision: Decision; readonly written: WrittenUnit }> {
    const context = this.#context;
    const { members } = this.#work;
    const unit = this.#unit;
    const byHand = new UnitPlan(context, new Map());
    for (const [at, member] of members.entries()) if (member.id === null) naming(at, () => member.plan(byHand));
    const parts = this.#prepared;
    const partOf = new Map(parts.flatMap((part) => part.finals.map(({ id }) => [id, part.plan])));
    const held = new Set(this.#places.map(({ id }) => id));
    checkOwnEnds(context, members, (id) => (held.has(id) ? (partOf.get(id)?.row(id) ?? null) : undefined));
    checkOwnChildren(context, members, (id) => partOf.get(id) ?? byHand);
    const plans = parts.map(({ plan }) => plan);
    const claims = plans.flatMap((plan) => plan.claims);
    const elsewhere = claims.filter((claim) => !this.#confirmed.has(claim));
    if (elsewhere.length > 0) {
      const answers = await confirmElsewhere(context, elsewhere);
      const errors = answers.filter((answer) => answer instanceof Error);
      const failure = errors.find((error) => error instanceof UniqueViolationError) ?? errors[0];
      if (failure !== undefined) throw failure;
    }
    const own = await versionedByHand(context, byHand);
    const edges = [...plans.flatMap((plan) => plan.edges), ...own.edges];
    const entries = [...plans.flatMap((plan) => plan.entries), ...own.entries];
    const objects = parts.flatMap(({ finals }) => finals);
    const decision: Decision = { unit, verdict: 'written', ids: objects.map(({ id }) => id), edges, entries };
    const keys = [...new Set([...objects.map(({ id }) => `o:${id}`), ...plans.flatMap(keysOf), ...keysOf(byHand)])];
    const note = context.outbox.note(shardOfId(unit), [`o:${unit}`, ...keys], true);
    const notes = [note, ...parts.map(({ rows }) => rows.note)];
    const written = { claims, keys, notes, objects, edges, entries, records: this.#records(), failure: null };
    return { decision, written };
  }

  /** A member that changes nothing has a new version all the same. */
  #records(): ReadonlyArray<KvetchObject | null> {
    const records = new Map(this.#prepared.flatMap((part) => [...part.records]));
    const finals = new Map(this.#prepared.flatMap(({ finals: own }) => own.map((row) => [row.id, row])));
    const last = new Map<string, number>();
    for (const { at, id } of this.#places) last.set(id, at);
    return this.#work.members.map(({ id }, at) => {
      const record = records.get(at) ?? null;
      const final = id === null ? undefined : finals.get(id);
      return record !== null && final !== undefined && last.get(final.id) === at ? decodeObject(final) : record;
    });
  }

  /**
   * Why it could not be decided. An answer that is lost is asked for again: the row is there, or it is inserted now. Throws
   * where it stays lost.
   */
  async #decide(decision: Decision, note: OutboxNote | undefined): Promise<Entry<Decision>> {
    let isLost = false;
    for (let tries = 1; ; tries++) {
      const decided = await decide(this.#context, decision, note).catch(errorOf);
      if (!(decided instanceof Error)) return decided;
      isLost ||= !(decided instanceof KvetchError) || decided.effect === 'unknown';
      if (!isLost) return decided;
      if (tries === DECIDE_TRIES || this.#isLate()) throw unfinished(decided);
    }
  }

  /** Nothing was decided, and nobody but this process would decide to write it: what cannot be taken back now is aborted later. */
  async #takeBack(failure: Error): Promise<Error> {
    if (this.#prepared.length === 0 && failure instanceof PreparedError) return failure; // each server has refused
    const ids = [...new Set(this.#places.map(({ id }) => id))];
    const aborted: Decision = { unit: this.#unit, verdict: 'aborted', ids, edges: [], entries: [] };
    const isDone = await finishUnit(this.#context, aborted).then(
      () => true,
      () => false,
    );
    for (const { rows } of this.#prepared) this.#context.outbox.end(rows.note, isDone);
    return failure instanceof ShardUnavailableError && failure.effect === 'unknown'
      ? new ShardUnavailableError(failure.node, failure.shard, 'not-applied', failure.cause, failure.next)
      : failure;
  }
}

const DECIDE_TRIES = 3;
/** Less than the grace (`settle`) after which others abort it, milliseconds. */
const HOLD_MS = GRACE_MS / 2;

const keysOf = ({ keys }: UnitPlan): readonly string[] => [...keys];

/** The unit is decided, or may be, and is not applied everywhere. */
function unfinished(error: unknown): Error {
  if (!(error instanceof ShardUnavailableError)) return errorOf(error);
  const { node, shard, cause, next } = error;
  return new ShardUnavailableError(node, shard, 'unknown', cause, next);
}
