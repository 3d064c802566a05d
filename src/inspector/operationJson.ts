import { splitKeys } from '../utils/wireKeys.ts';
import type { InvalidationRecord, OperationRecord } from './records.ts';

const EFFECTS = 10;
const KEYS = 50;

/** A record in a list. */
export function operationSummary(record: OperationRecord): object {
  const { calls, dependencies, text: _text, variables: _variables, errors, ...rest } = record;
  const steps = calls.size;
  const depends = dependencies === null ? null : { status: dependencies.status, count: dependencies.count };
  return { ...rest, steps, dependencies: depends, error: errors[0] ?? null };
}

/** All of a record. */
export function operationDetail(record: OperationRecord): object {
  const { calls, dependencies, ...rest } = record;
  return {
    ...rest,
    steps: calls.steps(),
    dependencies: dependencies === null ? null : { ...dependencies, keys: splitKeys(dependencies.keys).slice(0, KEYS) },
  };
}

export function invalidationJson(record: InvalidationRecord): object {
  const { keys, keyKinds: _kinds, texts, told, effects, bytes: _bytes, ...rest } = record;
  return {
    ...rest,
    keys: splitKeys(keys).slice(0, KEYS),
    texts: texts?.slice(0, KEYS) ?? null,
    effects: effects.slice(-EFFECTS),
    told: [...told].map(([server, { at, ...counts }]) => ({
      ...{ server, ...counts },
      // By the clocks of two servers, where it was written on another one.
      lagMs: record.server === null ? null : at - record.at,
    })),
  };
}
