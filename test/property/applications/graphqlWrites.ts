import type { KvetchObject } from '../../../src/kvetch.ts';
import type { ApplicationRun, Outcome, Payload } from './ApplicationRun.ts';
import type { Type } from './application.ts';
import { deleteRow } from './cleaning.ts';
import { addRefusals, conditionFor, type Data, dataFor, refusals, stored } from './data.ts';
import { entryData, pickEntry, pickPlain, putEntries } from './entries.ts';
import type { Row, Viewer } from './Oracle.ts';

export async function createByGraphQL(run: ApplicationRun): Promise<void> {
  const { random, oracle } = run;
  const type = random.pick(run.application.types);
  const viewer = random.pick(run.viewers);
  const data = dataFor(run, type, false);
  if (type.attrs.some((attr) => attr.nonNull && data[attr.name] == null)) return;
  // the id that a key stands for lies where the parent is: with another parent it is another one
  const isColocated = run.application.lists.some((list) => list.colocate && list.type === type.name);
  const key = !isColocated && random.chance(0.15) ? random.pick(['k1', 'k2', 'k3']) : null;
  const place = `${type.name} ${viewer.id} ${key}`;
  const repeated = key === null ? undefined : oracle.keys.get(place);
  const before = run.ids.length;
  const text = `mutation($data: Create${type.name}Data!, $key: String) { m: create${type.name}(data: $data, key: $key) { object { id status } } }`;
  const outcome = await run.mutate(text, { data, key }, viewer);
  if (repeated !== undefined) return checkRepeat(run, repeated, data, outcome);
  if (!run.isDone(outcome, refusals(run, viewer, { type, row: null, data }))) return;
  const { object = null } = outcome.value;
  const id = object?.id ?? (run.ids.length > before ? run.ids.at(-1) : await unknownId(run, type));
  if (id === undefined) {
    if (data.ends != null) return; // it has expired already, and nobody can ask for it
    throw run.difference('An object was created, and is not there');
  }
  if (key !== null) oracle.keys.set(place, { id, data: JSON.stringify(data) });
  const row = oracle.add(type, id, stored(type, data));
  checkPayload(run, viewer, row, object);
  if (object !== null && object.status !== row.values.status) throw run.difference(`The status is ${object.status}`);
}

/** Repeats are judged by the data as it was given. */
function checkRepeat(
  run: ApplicationRun,
  repeated: { readonly id: string; readonly data: string },
  data: Data,
  outcome: Outcome<Payload>,
): void {
  const own = run.oracle.byId.get(repeated.id);
  if (own !== undefined && !run.oracle.isThere(own)) return; // the key of an object that is gone
  run.isDone(outcome, new Set(repeated.data === JSON.stringify(data) ? [] : ['CONFLICT']));
}

/** The id of an object that the oracle does not know. */
async function unknownId({ kvetch, oracle }: ApplicationRun, type: Type): Promise<string | undefined> {
  const { objects } = await kvetch.browse(type.name, { first: 1000 });
  return objects.map((one) => (one as KvetchObject).id).find((id) => !oracle.byId.has(id));
}

/** A payload has its object where the viewer may read it. */
function checkPayload(run: ApplicationRun, viewer: Viewer, row: Row, object: Payload['object']): void {
  if ((object == null) === run.oracle.canRead(viewer, row))
    throw run.difference(`The object of a payload is ${JSON.stringify(object)}`);
}

export async function updateByGraphQL(run: ApplicationRun): Promise<void> {
  const { random, oracle } = run;
  if (oracle.rows.length === 0) return;
  const row = random.chance(0.93) && run.live().length > 0 ? random.pick(run.live()) : random.pick(oracle.rows);
  const { type } = row;
  const { name } = type;
  const viewer = random.pick(run.viewers);
  const data = dataFor(run, type, true);
  const record = await run.kvetch.getObject(row.id);
  const version = random.chance(0.15) ? (record?.version ?? 1) + (random.chance(0.5) ? 0 : 1) : null;
  const condition = random.chance(0.25) ? conditionFor(run, row) : null;
  let wanted = new Set(['NOT_FOUND']);
  if (oracle.canRead(viewer, row)) {
    wanted = refusals(run, viewer, { type, row, data });
    if (condition !== null) addRefusals(run, viewer, row, condition, wanted);
    if (version !== null && version !== record?.version) wanted.add('CONFLICT');
  }
  const text = `mutation($id: UUID!, $data: Update${name}Data!, $version: Int, $if: ${name}Is) { m: update${name}(id: $id, data: $data, version: $version, if: $if) { object { id status } } }`;
  const variables = { id: row.id, data, version, ...(condition && { if: condition.given }) };
  const outcome = await run.mutate(text, variables, viewer);
  if (!run.isDone(outcome, wanted)) return;
  oracle.put(row, stored(type, data));
  checkPayload(run, viewer, row, outcome.value.object);
}

export async function deleteByGraphQL(run: ApplicationRun): Promise<void> {
  const { random, oracle } = run;
  if (run.live().length < 6) return;
  const row = random.pick(run.live());
  const { name } = row.type;
  const viewer = random.pick(run.viewers);
  const condition = random.chance(0.3) ? conditionFor(run, row) : null;
  const wanted = new Set<string>();
  const isReadable = oracle.canRead(viewer, row);
  if (isReadable && oracle.refuses(row)) wanted.add('HAS_CHILDREN');
  if (isReadable && condition !== null) addRefusals(run, viewer, row, condition, wanted);
  const text = `mutation($id: UUID!, $if: ${name}Is) { m: delete${name}(id: $id, if: $if) { deletedId } }`;
  const outcome = await run.mutate(text, { id: row.id, ...(condition && { if: condition.given }) }, viewer);
  if (!run.isDone(outcome, wanted)) return;
  const { deletedId } = outcome.value;
  if ((deletedId === row.id) !== isReadable) throw run.difference(`deletedId is ${deletedId}`);
  if (isReadable) await deleteRow(run, row);
}

export async function writeEdgeByGraphQL(run: ApplicationRun): Promise<void> {
  const { random, oracle } = run;
  const list = pickPlain(run);
  const ends = list && pickEntry(run, list);
  if (list === null || ends === null) return;
  const { from, to } = ends;
  const viewer = random.pick(run.viewers);
  const isAdd = random.chance(0.75);
  const data = entryData(run, list);
  const wanted = new Set<string>();
  if (!oracle.canRead(viewer, from) || !oracle.canRead(viewer, to)) wanted.add('NOT_FOUND');
  const [declared, given] = data ? [', $data: EntryData!', ', data: $data'] : ['', ''];
  const text = isAdd
    ? `mutation($from: UUID!, $to: UUID!${declared}) { m: add_${list.name}(from: $from, to: $to${given}) { object { id } } }`
    : `mutation($from: UUID!, $to: UUID!) { m: remove_${list.name}(from: $from, to: $to) { object { id } } }`;
  const outcome = await run.mutate(text, { from: from.id, to: to.id, ...(isAdd && data && { data }) }, viewer);
  if (!run.isDone(outcome, wanted)) return;
  if (outcome.value.object?.id !== from.id) throw run.difference(`The payload is ${JSON.stringify(outcome.value)}`);
  putEntries(run, { ...ends, isAdd, data });
}
