import { getOrCreate } from '../../utils/getOrCreate.ts';
import { join } from '../../utils/positions.ts';
import type { JsonObject, Selection } from './Selection.ts';
import { Ref, type View } from './Store.ts';

/** Objects that were read, by selection and record: the next reading gives the same ones where nothing has changed. */
export type Memo = Map<Selection, Map<string, JsonObject>>;

export interface ReadResult {
  readonly data: JsonObject;
  /** Positions at which the store has nothing. */
  readonly missing: ReadonlySet<string>;
  /** The records that were read. */
  readonly ids: ReadonlySet<string>;
  readonly memo: Memo;
}

const NO_HOLES: ReadonlySet<string> = new Set();

/** Reads a selection from a record. Unchanged parts keep their identity. */
export function readSelection(
  view: View,
  selection: Selection,
  id: string,
  before: Memo = new Map(),
  holes: ReadonlySet<string> = NO_HOLES,
): ReadResult {
  const missing = new Set<string>();
  const ids = new Set<string>();
  const memo: Memo = new Map();
  const data = object(selection, id, '');
  return { data, missing, ids, memo };

  function object(own: Selection, record: string, at: string): JsonObject {
    const known = memo.get(own)?.get(record);
    if (known !== undefined) return known;
    ids.add(record);
    const type = view.value(record, '__typename');
    const made: { [key: string]: unknown } = {};
    for (const { key, storageKey, selection: below } of own.fieldsOf(typeof type === 'string' ? type : '')) {
      const stored = holes.has(`${record} ${storageKey}`) ? null : view.value(record, storageKey);
      if (stored === undefined) missing.add(join(at, key));
      else made[key] = below === null ? stored : linked(below, stored, join(at, key));
    }
    const result = sameOr(before.get(own)?.get(record), made);
    getOrCreate(memo, own, () => new Map<string, JsonObject>()).set(record, result);
    return result;
  }

  function linked(own: Selection, stored: unknown, at: string): unknown {
    if (Array.isArray(stored)) return stored.map((item) => linked(own, item, `${at}.*`));
    return stored instanceof Ref ? object(own, stored.id, at) : stored;
  }
}

/** The former object, with the former lists where they have the same items, if it has the same values. */
function sameOr(former: JsonObject | undefined, made: { [key: string]: unknown }): JsonObject {
  if (former === undefined) return made;
  const keys = Object.keys(made);
  for (const key of keys) made[key] = sameListOr(former[key], made[key]);
  const isSame = keys.length === Object.keys(former).length && keys.every((key) => former[key] === made[key]);
  return isSame ? former : made;
}

function sameListOr(former: unknown, made: unknown): unknown {
  if (!Array.isArray(former) || !Array.isArray(made)) return made;
  const items = made.map((item, at) => sameListOr(former[at], item));
  return items.length === former.length && items.every((item, at) => item === former[at]) ? former : items;
}
