import { create, update } from '../../../src/kvetch.ts';
import type { ApplicationRun } from './ApplicationRun.ts';
import type { Type } from './application.ts';
import { conditionFor, dataFor, holds, raw, stored, storeRefusals } from './data.ts';
import type { Row } from './Oracle.ts';

type Members = Parameters<ApplicationRun['kvetch']['write']>[0][number];

/** A member of a unit, and what the oracle is told of it. */
interface Member {
  readonly member: Members;
  readonly refusals: ReadonlySet<string>;
  apply(): void;
}

/** Writes some objects together, each once. */
export async function writeUnit(run: ApplicationRun): Promise<void> {
  const { random } = run;
  const creates: Member[] = []; // objects that a unit creates come first
  const updates: Member[] = [];
  const members: Members[] = [];
  const touched = new Set<Row>();
  for (let n = 1 + random.below(4); n > 0; n--) {
    const type = random.pick(run.application.types);
    const own = run.live(type).filter((row) => !touched.has(row));
    const isCreate = own.length === 0 || random.below(3) === 0;
    const one = isCreate ? createMember(run, type) : updateMember(run, touch(touched, random.pick(own)));
    (isCreate ? creates : updates).push(one);
    members.push(one.member);
  }
  const all = [...creates, ...updates];
  const wanted = new Set(all.flatMap(({ refusals }) => [...refusals]));
  const outcome = await run.write(`unit ${JSON.stringify(members)}`, () => run.kvetch.write(members));
  // a value that a member gives up and another takes is a matter of its own
  if (outcome.code !== 'UNIQUE_VIOLATION' && run.isDone(outcome, wanted)) for (const one of all) one.apply();
}

function touch(touched: Set<Row>, row: Row): Row {
  touched.add(row);
  return row;
}

function createMember(run: ApplicationRun, type: Type): Member {
  const data = dataFor(run, type, false);
  if (type.attrs.some(({ name, nonNull }) => name === 'code' && !nonNull)) data.code = null;
  const given = raw(type, data);
  const id = run.kvetch.newId(type.name, given);
  return {
    member: create(type.name, given, { id }),
    refusals: storeRefusals(run, { type, row: null, data }),
    apply: () => void run.oracle.add(type, id, stored(type, data)),
  };
}

function updateMember(run: ApplicationRun, row: Row): Member {
  const { type } = row;
  const { code: _, ...data } = dataFor(run, type, true);
  const refusals = storeRefusals(run, { type, row, data });
  const condition = run.random.chance(0.3) ? conditionFor(run, row) : null;
  const one = Object.entries(condition?.given ?? {}).map(([name, value]) => [name, [value].flat()[0]]);
  const wanted = Object.fromEntries(one);
  if (condition?.attrs.some((attr) => !holds(row, attr, wanted[attr.name]))) refusals.add('CONDITION_FAILED');
  return {
    member: update(row.id, raw(type, data), condition === null ? {} : { if: raw(type, wanted) }),
    refusals,
    apply: () => run.oracle.put(row, stored(type, data)),
  };
}
