import { type Entry, type Loader, type LoadInfo, loader } from 'planql';
import type { LoadPage } from '../../../steps/load/loader.ts';
import { cellValue } from './cells.ts';
import { cellAt, type RequestContext, rowAt, rowsAt } from './World.ts';

/** How a loader answers: at once, later, with a promise for each key, or never. */
type Answers = 'sync' | 'async' | 'entries' | 'throws';

interface LoaderForm {
  readonly answers: Answers;
  /** Gives the attributes that it is asked for, no others. */
  readonly isSelecting: boolean;
  /** Shares its calls between requests. */
  readonly isShared: boolean;
  /** A global in place of the attribute `n`: bare, or in a record. */
  readonly globals: 'none' | 'one' | 'record';
}

export interface LoadOneForm extends LoaderForm {
  /** Whether `id` is the key, and whether the loader promises that all keys exist. */
  readonly equals: 'none' | 'io' | 'identity';
  /** With two parts, the second one is the attribute `m`. */
  readonly keys: 'one' | 'tuple' | 'record';
  readonly ahead: boolean;
}

export interface LoadManyForm extends LoaderForm {
  readonly what: 'near' | 'distinct' | 'numbers';
  /** The abilities of `pagination`; null without any. */
  readonly pages: readonly ('offset' | 'cursor' | 'reverse' | 'totalCount')[] | null;
}

/** See `randomTables`. */
const MOST_ITEMS = { near: 4, distinct: 9, numbers: 4 } as const;

const known = new Map<string, Loader>();

/** Other forms have other names: `pages: []` is not `pages: null`, though both join to nothing. */
function nameOf(kind: 'one' | 'many', form: LoaderForm): string {
  return `plans.${kind}.${Object.values(form).map(String).join('.')}`;
}

/** Loaders are named for good: plans of other processes refer to them by name. */
function remembered(name: string, make: () => Loader): Loader {
  let found = known.get(name);
  if (found === undefined) {
    found = make();
    known.set(name, found);
  }
  return found;
}

type Info = LoadInfo & { readonly context: RequestContext };

/** Requests of one attempt have the same tables. */
const batch = { batch: { contextKey: ({ tables }: RequestContext): unknown => tables } };

/** The attributes that are the key, by its form. */
const equivalences = { one: 'id', tuple: ['id', 'm'], record: { id: 'id', m: 'm' } } as const;

export function oneLoader(form: LoadOneForm): Loader {
  const { equals, isShared } = form;
  const name = nameOf('one', form);
  return remembered(name, () =>
    loader({
      name,
      load: answering(form, (key, info) => oneOf(form, key, info.context, attributesFor(form, info), info.global)),
      ...(isShared ? batch : null),
      ...(equals === 'io' ? { ioEquivalence: equivalences[form.keys] } : null),
      ...(equals === 'identity' ? { identity: equivalences[form.keys] } : null),
      ...(form.ahead ? null : { ahead: false }),
    }),
  );
}

export function manyLoader(form: LoadManyForm): Loader {
  const { isShared, pages } = form;
  const name = nameOf('many', form);
  const totalCount = answering(form, (key, { context }) => countOf(form, key, context));
  const has = (ability: NonNullable<typeof pages>[number]): boolean => pages?.includes(ability) === true;
  const pagination = {
    ...(has('offset') ? { offset: true } : null),
    ...(has('cursor') ? { cursor: (row: unknown) => (row as { id: string }).id } : null),
    ...(has('reverse') ? { reverse: true } : null),
    ...(has('totalCount') ? { totalCount } : null),
  };
  return remembered(name, () =>
    loader({
      name,
      load: answering(form, (key, info) =>
        manyOf(form, key, info.context, attributesFor(form, info), info.global, info.page),
      ),
      ...(isShared ? batch : null),
      maxRows: MOST_ITEMS[form.what],
      ...(pages === null ? null : { pagination }),
    }),
  );
}

type Load = (keys: readonly unknown[], info: LoadInfo) => ReturnType<Loader['load']>;

function answering({ answers }: LoaderForm, entryOf: (key: unknown, info: Info) => unknown): Load {
  return (keys, given) => {
    const info = given as Info;
    if (answers === 'throws') throw new Error('the loader throws');
    const entries = (): Entry<unknown>[] => keys.map((key) => entryOf(key, info));
    if (answers === 'async') return Promise.resolve().then(entries);
    if (answers === 'sync') return entries();
    return keys.map((key, at) =>
      at % 2 === 0 ? Promise.resolve().then(() => entryOf(key, info)) : entryOf(key, info),
    );
  };
}

function attributesFor({ isSelecting }: LoaderForm, { attributes }: Info): readonly string[] | null {
  return isSelecting ? attributes : null;
}

/** What a loader has for a key. */
export function oneOf(
  form: LoadOneForm,
  given: unknown,
  { tables }: RequestContext,
  attributes: readonly string[] | null,
  global: unknown,
): unknown {
  const [id, m] = partsOf(form, given);
  const more = { ...(form.keys === 'one' ? null : { m }), ...globalOf(form, global) };
  if (form.equals === 'io')
    return rowAt({ ...tables, failing: [] }, id, attributes, more) ?? { id, kind: 'A', ...more };
  return rowAt(tables, id, attributes, more);
}

function partsOf({ keys }: LoadOneForm, key: unknown): readonly unknown[] {
  if (keys === 'one') return [key];
  return keys === 'tuple' ? (key as unknown[]) : [(key as { id: unknown }).id, (key as { m: unknown }).m];
}

function globalOf({ globals }: LoaderForm, global: unknown): object | null {
  if (globals === 'none') return null;
  return { n: globals === 'one' ? global : (global as { n: unknown }).n };
}

/** What a loader has for a key: a list. */
export function manyOf(
  form: LoadManyForm,
  given: unknown,
  { tables }: RequestContext,
  attributes: readonly string[] | null,
  global: unknown,
  page: LoadPage | null,
): unknown {
  const key = String(given);
  if (tables.failing.includes(key)) return new Error(`list ${key} fails`);
  const more = globalOf(form, global) ?? {};
  if (form.what === 'numbers') return cellValue(cellAt(tables.numbers, key));
  if (form.what === 'near') {
    return rowsAt(tables, key, attributes, more, (all) => {
      if (page === null) return all;
      return all.slice(page.offset, page.limit === null ? undefined : page.offset + page.limit);
    });
  }
  const keys = Object.hasOwn(tables.distinct, key) ? (tables.distinct[key] ?? null) : null;
  if (keys === null) return null;
  return (page === null ? keys : pageOf(keys, page)).map((id) =>
    rowAt({ ...tables, failing: [] }, id, attributes, more),
  );
}

function pageOf(keys: readonly string[], { after, before, offset, limit, reverse }: LoadPage): readonly string[] {
  const start = after === null ? 0 : keys.indexOf(after) + 1;
  const end = before === null || !keys.includes(before) ? keys.length : keys.indexOf(before);
  const all = keys.slice(start, Math.max(start, end));
  if (reverse) all.reverse();
  return all.slice(offset, limit === null ? undefined : offset + limit);
}

export function countOf(form: LoadManyForm, given: unknown, { tables }: RequestContext): unknown {
  const key = String(given);
  if (tables.failing.includes(key)) return new Error(`list ${key} fails`);
  if (form.what === 'distinct') return tables.distinct[key]?.length ?? null;
  const cell = cellAt(form.what === 'near' ? tables.near : tables.numbers, key);
  return cell.is === 'list' ? cell.items.length : null;
}
