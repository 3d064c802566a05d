import type { ApplicationRun } from './ApplicationRun.ts';
import type { Attr, Type } from './application.ts';
import type { Row, Viewer } from './Oracle.ts';
import { normal } from './order.ts';
import { noId, randomValue, valueFor } from './values.ts';

export type Data = Record<string, unknown>;

/** Attributes as clients give them. */
export function dataFor(run: ApplicationRun, type: Type, isUpdate: boolean): Data {
  const { random } = run;
  const data: Data = {};
  for (const attr of type.attrs) {
    if (isUpdate ? !random.chance(0.3) : !attr.nonNull && random.chance(0.15)) continue;
    const value = !attr.nonNull && random.chance(0.15) ? null : attributeFor(run, type, attr, isUpdate);
    if (value !== undefined) data[attr.name] = value;
  }
  return data;
}

function attributeFor(run: ApplicationRun, type: Type, attr: Attr, isUpdate: boolean): unknown {
  const { random, oracle } = run;
  if (attr.isLink) return linkFor(run, type, attr, isUpdate);
  if (attr.name === 'ends')
    return random.chance(0.7) ? null : new Date(run.now + random.below(2000) - 100).toISOString();
  return random.chance(0.7) ? randomValue(random, attr) : valueFor(random, attr, oracle, type.name);
}

function linkFor({ random, oracle, application }: ApplicationRun, type: Type, attr: Attr, isUpdate: boolean): unknown {
  const isAny = random.chance(0.04) && oracle.rows.length > 0;
  const id = isAny ? random.pick(oracle.rows).id : String(valueFor(random, attr, oracle, type.name));
  if (!oracle.byId.has(id) || oracle.find(id) !== null) return id;
  const isFollowed = application.lists.some(
    ({ kind, type: child, attrs, onDelete }) =>
      kind === 'stored' && child === type.name && attrs[0] === attr.name && onDelete !== 'keep',
  );
  if (!isFollowed) return id;
  // what becomes of children that come after the delete of their parent, is a matter of time
  return attr.nonNull && !isUpdate ? noId : undefined;
}

/** Attributes as the oracle keeps them. */
export function stored(type: Type, data: Data): Data {
  return mapped(type, data, ({ kind }, value) => normal(kind, value));
}

/** Attributes as the store takes them. */
export function raw(type: Type, data: Data): Data {
  return mapped(type, data, ({ kind }, value) =>
    value !== null && kind === 'DateTime' ? new Date(String(value)) : value,
  );
}

function mapped(type: Type, data: Data, of: (attr: Attr, value: unknown) => unknown): Data {
  const attrOf = (name: string): Attr => type.attrs.find((one) => one.name === name) as Attr;
  return Object.fromEntries(Object.entries(data).map(([name, value]) => [name, of(attrOf(name), value)]));
}

/** What is written of an object; null: it is new. */
export interface Write {
  readonly type: Type;
  readonly row: Row | null;
  readonly data: Data;
}

/** The codes with which the store may refuse a write. */
export function storeRefusals({ oracle, application }: ApplicationRun, { type, row, data }: Write): Set<string> {
  const codes = new Set<string>();
  const now = stored(type, data);
  const mustExist = new Set(
    application.lists
      .filter((list) => list.kind === 'stored' && list.mustExist && list.type === type.name)
      .map(({ attrs }) => attrs[0]),
  );
  for (const { name, isLink, targets } of type.attrs) {
    if (!isLink || now[name] == null || !mustExist.has(name)) continue;
    const target = oracle.find(now[name]);
    const isFit = target !== null && targets.includes(target.type.name);
    if (!isFit && row?.values[name] !== now[name]) codes.add(target === null ? 'NOT_FOUND' : 'WRONG_TYPE');
  }
  const after = { ...row?.values, ...now };
  if (type.attrs.some(({ name, nonNull }) => nonNull && after[name] == null)) codes.add('BAD_VALUE');
  if (oracle.uniqueOf(type, after, row) !== null) codes.add('UNIQUE_VIOLATION');
  return codes;
}

/** The codes with which a mutation may be refused to a viewer. */
export function refusals({ oracle }: ApplicationRun, viewer: Viewer, { type, row, data }: Write): Set<string> {
  const codes = new Set<string>();
  const now = stored(type, data);
  for (const { name, isLink, targets } of type.attrs) {
    if (!isLink || now[name] == null) continue;
    const target = oracle.find(now[name]);
    const isFit = target !== null && targets.includes(target.type.name);
    if (!isFit || !oracle.canRead(viewer, target)) codes.add('NOT_FOUND');
  }
  if (row !== null && Object.keys(data).some((name) => !oracle.seesField(viewer, row, name))) codes.add('FORBIDDEN');
  const after = { ...row?.values, ...now };
  if (type.attrs.some(({ name, nonNull }) => nonNull && after[name] == null)) codes.add('INVALID_INPUT');
  if (oracle.uniqueOf(type, after, row) !== null) codes.add('ALREADY_TAKEN');
  return codes;
}

/** What an object must be for a write to be done. */
export interface Condition {
  readonly attrs: readonly Attr[];
  readonly given: Data;
}

export function conditionFor({ random, oracle }: ApplicationRun, { type, values }: Row): Condition {
  const attrs = random
    .some(
      type.attrs.filter(({ name }) => name !== 'ends'),
      0.2,
    )
    .slice(0, 2);
  const given: Data = {};
  for (const attr of attrs) {
    const own = values[attr.name];
    let value: unknown;
    if (own != null && random.chance(0.75))
      value = attr.kind === 'DateTime' ? new Date(Number(own)).toISOString() : own;
    else value = attr.isLink ? valueFor(random, attr, oracle, type.name) : randomValue(random, attr);
    const isOneOf = attr.kind === 'Status' || attr.kind === 'Int';
    const other = attr.kind === 'Int' ? 77 : 'B';
    given[attr.name] = !isOneOf ? value : random.some([0, 1], 0.5).length > 0 ? [value, other] : [value];
  }
  return { given, attrs };
}

export function holds({ values }: Row, { name, kind }: Attr, given: unknown): boolean {
  return values[name] != null && [given].flat().some((one) => normal(kind, one) === values[name]);
}

/** Adds the codes with which a condition may refuse a write to a viewer. */
export function addRefusals(
  { oracle }: ApplicationRun,
  viewer: Viewer,
  row: Row,
  condition: Condition,
  codes: Set<string>,
): void {
  for (const attr of condition.attrs) {
    if (!oracle.seesField(viewer, row, attr.name)) codes.add('FORBIDDEN');
    if (!holds(row, attr, condition.given[attr.name])) codes.add('CONDITION_FAILED');
  }
}
