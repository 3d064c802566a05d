import type { ApplicationRun, Outcome } from './ApplicationRun.ts';
import { deleteRow } from './cleaning.ts';
import { codeOf } from './compare.ts';
import type { Data } from './data.ts';
import { dataFor, raw, stored, storeRefusals } from './data.ts';
import { entryData, pickEntry, pickPlain, putEntry } from './entries.ts';

export async function writeEdge(run: ApplicationRun): Promise<void> {
  const { random, oracle } = run;
  const list = pickPlain(run);
  const ends = list && pickEntry(run, list);
  if (list === null || ends === null) return;
  const { from, to } = ends;
  const isAdd = random.chance(0.7);
  const data = entryData(run, list);
  const given = data && { data: { ...data, ...(data.at != null && { at: new Date(String(data.at)) }) } };
  const wanted = new Set(isAdd && !(oracle.isThere(from) && oracle.isThere(to)) ? ['NOT_FOUND'] : []);
  const ids = { fromId: from.id, toId: to.id };
  const text = `raw ${isAdd ? 'insert' : 'delete'}Edge ${list.name} ${from.id} ${to.id} ${JSON.stringify(data)}`;
  const outcome = await run.write(text, () =>
    isAdd ? run.kvetch.insertEdge(list.name, { ...ids, ...given }) : run.kvetch.deleteEdge(list.name, ids),
  );
  if (run.isDone(outcome, wanted)) putEntry(run, { ...ends, isAdd, data });
}

export async function create(run: ApplicationRun): Promise<void> {
  const { random } = run;
  const type = random.pick(run.application.types);
  const data = dataFor(run, type, false);
  const options = random.chance(0.3) && run.live().length > 0 ? { near: random.pick(run.live()).id } : {};
  const text = `raw create ${type.name} ${JSON.stringify(data)}`;
  const outcome = await run.write(text, () => run.kvetch.createObject(type.name, raw(type, data), options));
  if (run.isDone(outcome, storeRefusals(run, { type, row: null, data })))
    run.oracle.add(type, outcome.value, stored(type, data));
}

export async function update(run: ApplicationRun): Promise<void> {
  if (run.live().length === 0) return;
  const row = run.random.pick(run.live());
  const { id, type } = row;
  const data = dataFor(run, type, true);
  const text = `raw update ${type.name} ${id} ${JSON.stringify(data)}`;
  const outcome = await run.write(text, () => run.kvetch.updateObject(id, raw(type, data)));
  if (run.isDone(outcome, storeRefusals(run, { type, row, data }))) run.oracle.put(row, stored(type, data));
}

export async function remove(run: ApplicationRun): Promise<void> {
  if (run.live().length < 6) return;
  const row = run.random.pick(run.live());
  const outcome = await run.write(`raw delete ${row.id}`, () => run.kvetch.deleteObject(row.id));
  if (run.isDone(outcome, new Set(run.oracle.refuses(row) ? ['HAS_CHILDREN'] : []))) await deleteRow(run, row);
}

export async function createMany(run: ApplicationRun): Promise<void> {
  const { random, oracle } = run;
  const type = random.pick(run.application.types);
  const length = 1 + random.below(run.isBig && oracle.rows.length < 500 ? 120 : 6);
  const chosen = withoutRivals(Array.from({ length }, () => dataFor(run, type, false)));
  const text = `bulk create ${type.name} ${JSON.stringify(chosen)}`;
  const requests = chosen.map((data) => ({ data: raw(type, data) }));
  const outcome = await run.write(text, () => run.kvetch.createObjects(type.name, requests));
  if (outcome.code !== null) throw run.difference(`createObjects threw ${outcome.message}`);
  for (const [at, data] of chosen.entries()) {
    const one = outcomeOf(outcome.value[at] as string | Error);
    if (run.isDone(one, storeRefusals(run, { type, row: null, data }))) oracle.add(type, one.value, stored(type, data));
  }
}

/** Those that claim values of each other are left to single creates. */
function withoutRivals(all: readonly Data[]): readonly Data[] {
  const codes = new Set<unknown>();
  return all.filter(({ code = null }) => {
    if (code !== null && codes.has(code)) return false;
    codes.add(code);
    return true;
  });
}

export async function updateMany(run: ApplicationRun): Promise<void> {
  const { random, oracle } = run;
  const rows = random.some(run.live(), 0.3).slice(0, 6);
  const chosen = rows.map((row) => {
    const { code: _, ...data } = dataFor(run, row.type, true);
    return { row, data };
  });
  const text = `bulk update ${JSON.stringify(chosen.map(({ row, data }) => [row.id, data]))}`;
  const requests = chosen.map(({ row, data }) => ({ id: row.id, data: raw(row.type, data) }));
  const outcome = await run.write(text, () => run.kvetch.updateObjects(requests));
  if (outcome.code !== null) throw run.difference(`updateObjects threw ${outcome.message}`);
  for (const [at, { row, data }] of chosen.entries()) {
    const { type } = row;
    const one = outcomeOf(outcome.value[at]);
    const wanted = storeRefusals(run, { type, row, data });
    // all were judged at one moment
    wanted.delete('UNIQUE_VIOLATION');
    if (one.code === 'UNIQUE_VIOLATION' && row.values.code != null) continue;
    if (run.isDone(one, wanted)) oracle.put(row, stored(type, data));
  }
}

function outcomeOf<T>(value: T | Error): Outcome<T> {
  return value instanceof Error ? { code: codeOf(value), message: value.message } : { code: null, value };
}
