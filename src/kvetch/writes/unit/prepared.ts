import { attributesJson, envelopeOf, joinBody } from '../../codec/objectBody.ts';
import { CorruptRowError, KvetchError } from '../../errors.ts';
import { shardOfId } from '../../ids/routing.ts';
import { DECISION_TYPE } from '../../schema/reservedTypes.ts';
import { CODEC_JSON, LIVE, type ObjectRow, PREPARED, TOMBSTONE } from '../../shards/rows.ts';
import type { EdgePut, EntryPut } from '../../shards/ShardStore.ts';

export type Verdict = 'written' | 'aborted';

/** What was decided of a unit over several servers, and all that applies it. */
export interface Decision {
  /** The id of its row, at the unit's home. */
  readonly unit: string;
  readonly verdict: Verdict;
  /** The prepared objects. */
  readonly ids: readonly string[];
  /** Derived rows, and rows by hand with the versions that they have for good: they can be written again and again. */
  readonly edges: readonly EdgePut[];
  readonly entries: readonly EntryPut[];
}

/** A unit has prepared the object: it must be settled before anything else is written there. */
export class PreparedError extends KvetchError<'PREPARED'> {
  readonly row: ObjectRow;

  constructor(row: ObjectRow) {
    super('PREPARED', `Object "${row.id}" has a change of a unit that is not decided yet.`, { next: 'retry' });
    this.row = row;
  }
}

export function isPrepared({ codec }: ObjectRow): boolean {
  return (codec & PREPARED) !== 0;
}

/** Throws where a unit has prepared the object. */
export function refusePrepared(row: ObjectRow): void {
  if (isPrepared(row)) throw new PreparedError(row);
}

/** The unit that has prepared a row. */
export function unitOf(row: ObjectRow): string {
  const unit = envelopeOf(row).pending?.unit;
  if (unit === undefined) throw new CorruptRowError(row.id, 'a prepared row without its change');
  return unit;
}

/** Whether a row stands for an object that never was: the unit that was to create it was aborted. */
export function isUndone(row: ObjectRow): boolean {
  return row.state === TOMBSTONE && !isPrepared(row) && envelopeOf(row).undone === true;
}

/** The row with the change that makes it `final`; it has the version between both. */
export function prepareRow(row: ObjectRow, final: ObjectRow, unit: string, nowUs: number): ObjectRow {
  const { version, state, codec, createdUs, updatedUs } = final;
  const body = final.body === row.body ? null : final.body;
  const pending = { unit, version, state, codec, createdUs, updatedUs, body };
  return {
    ...row,
    version: row.version + 1,
    codec: row.codec | PREPARED,
    updatedUs: nowUs,
    body: joinBody(attributesJson(row), { ...envelopeOf(row), pending }),
    record: null,
  };
}

/**
 * The tombstone that stands where an object is to be created. Its version is even, and that of one that was undone is odd:
 * a purge of the one never removes the other.
 */
export function prepareCreated(undone: ObjectRow | null, final: ObjectRow, unit: string, nowUs: number): ObjectRow {
  const { version, state, codec, createdUs, updatedUs, body } = final;
  const pending = { unit, version, state, codec, createdUs, updatedUs, body };
  return {
    ...final,
    version: undone === null ? 0 : undone.version + 1,
    state: TOMBSTONE,
    codec: CODEC_JSON | PREPARED,
    updatedUs: nowUs,
    body: joinBody(null, { pending }),
    record: null,
  };
}

/** The row behind the decision of a unit; `null` where the unit has no change of it (any more). */
export function settledRow(row: ObjectRow, unit: string, verdict: Verdict): ObjectRow | null {
  if (!isPrepared(row)) return null;
  const { pending, ...envelope } = envelopeOf(row);
  if (pending?.unit !== unit) return null;
  const before = joinBody(attributesJson(row), envelope);
  if (verdict === 'written') {
    const { version, state, codec, createdUs, updatedUs, body } = pending;
    return { ...row, version, state, codec, createdUs, updatedUs, body: body ?? before, record: null };
  }
  if (row.state === LIVE) return { ...row, codec: row.codec & ~PREPARED, body: before, record: null };
  return { ...row, version: row.version + 1, codec: CODEC_JSON, body: joinBody(null, { undone: true }), record: null };
}

/** A decision as a row: a tombstone, so that no reader sees it and cleaners remove it. */
export function rowOfDecision(decision: Decision, nowUs: number): ObjectRow {
  const { unit: id } = decision;
  return {
    ...{ id, shard: shardOfId(id), typeId: DECISION_TYPE, version: 1, state: TOMBSTONE, codec: CODEC_JSON },
    ...{ createdUs: nowUs, updatedUs: nowUs, body: joinBody(JSON.stringify(decision), {}), record: null },
  };
}

export function isDecision({ typeId }: ObjectRow): boolean {
  return typeId === DECISION_TYPE;
}

/** The decision that a row holds. */
export function decisionOf(row: ObjectRow): Decision {
  try {
    return JSON.parse(attributesJson(row)) as Decision;
  } catch (cause) {
    throw new CorruptRowError(row.id, cause);
  }
}
