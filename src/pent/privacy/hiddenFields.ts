import type { KvetchObject } from '../../kvetch/KvetchObject.ts';
import { chain, chainAll } from '../../kvetch/shards/chain.ts';
import { isPromiseLike } from '../../utils/isPromiseLike.ts';
import { itemAt } from '../../utils/itemAt.ts';
import type { MaybePromise } from '../../utils/MaybePromise.ts';
import type { Context, Loaded, PentClass, Verdicts } from '../contract.ts';

/** What a record was made of whose viewer may not see all of it. */
interface Origin {
  readonly stored: KvetchObject;
  readonly hidden: ReadonlySet<string>;
}

const origins = new WeakMap<KvetchObject, Origin>();

/** The record as it is stored: rules and hooks see all of it. */
export function storedRecord(record: KvetchObject): KvetchObject {
  return origins.get(record)?.stored ?? record;
}

/** Whether the viewer who got a record may not see an attribute of it, be it set or not. */
export function isFieldHidden(record: KvetchObject, attribute: string): boolean {
  return origins.get(record)?.hidden.has(attribute) === true;
}

/** Whether the viewer who got a record may not see one of these attributes. */
export function isAnyHidden(record: KvetchObject, attributes: readonly string[]): boolean {
  const hidden = origins.get(record)?.hidden ?? null;
  return hidden !== null && attributes.some((attribute) => hidden.has(attribute));
}

/** Readable records as the viewer may see them: hidden attributes are absent, as those that were never set. */
export function withoutHidden(context: Context, records: readonly Loaded[]): MaybePromise<readonly Loaded[]> {
  const fields = [...fieldsWithRules(context, records)];
  if (fields.length === 0) return records;
  return chain(chainAll(askAll(context, records, fields)), (verdicts) => {
    const hidden = fields.flatMap((field, n) => (itemAt(verdicts, n)?.answers == null ? [] : [[field, n] as const]));
    if (hidden.length === 0) return records;
    return records.map((record, at) => {
      if (record == null || record instanceof Error) return record;
      const own = hidden.filter(([, n]) => itemAt(verdicts, n)?.answers?.[at] === false).map(([field]) => field);
      return own.length === 0 ? record : without(record, own, context.model.find(record.typeId));
    });
  });
}

/** The verdicts by field. All are asked for at once, so that rules share calls. */
function askAll(
  context: Context,
  records: readonly Loaded[],
  fields: readonly string[],
): ReadonlyArray<MaybePromise<Verdicts | null>> {
  const asked: MaybePromise<Verdicts | null>[] = [];
  try {
    for (const field of fields) asked.push(context.decide(records, field));
  } catch (error) {
    // Nobody waits for the others any more.
    for (const verdicts of asked) if (isPromiseLike(verdicts)) verdicts.then(undefined, () => {});
    throw error;
  }
  return asked;
}

function fieldsWithRules({ model }: Context, records: readonly Loaded[]): ReadonlySet<string> {
  const fields = new Set<string>();
  let last = -1;
  for (const record of records) {
    if (record == null || record instanceof Error || record.typeId === last) continue;
    last = record.typeId;
    for (const { field } of model.fieldRules.get(model.find(last)) ?? []) if (field !== null) fields.add(field);
  }
  return fields;
}

function without(stored: KvetchObject, hidden: readonly string[], pentClass: PentClass | null): KvetchObject {
  const { formerNames = {} } = pentClass?.definition ?? {};
  const names = new Set(hidden.flatMap((name) => [name, ...(formerNames[name] ?? [])]));
  const kept = Object.entries(stored).filter(([name]) => !names.has(name));
  const record = Object.freeze(Object.fromEntries(kept)) as KvetchObject;
  origins.set(record, { stored, hidden: names });
  return record;
}
