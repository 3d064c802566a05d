import { isRecord } from '../../utils/isRecord.ts';
import { attributesOf } from '../codec/objectBody.ts';
import { checkId } from '../ids/checkId.ts';
import { parseId } from '../ids/parseId.ts';
import type { KvetchContext } from '../KvetchContext.ts';
import type { ObjectType } from '../schema/KvetchSchema.ts';
import { checkEnd, type End, type EndsOfWrite, readEnds } from './checkEnds.ts';

type Attributes = Readonly<Record<string, unknown>>;

/**
 * The objects that the stored ids of `mustExist` edges name, apart from the object itself. Throws for a stored id that is
 * none.
 */
export function storedEnds(
  { unchecked }: KvetchContext,
  type: ObjectType,
  attributes: Attributes,
  own: string | null = null,
): EndsOfWrite {
  const ends = new Map<string, End>();
  for (const { mustExist, storedIdAttr, fromTypeId } of unchecked ? [] : type.storedIdEdges) {
    const name = storedIdAttr ?? '';
    const given = mustExist ? (attributes[name] ?? null) : null;
    if (given === null) continue;
    const attribute = `"${type.name}.${name}"`;
    const id = checkId(given, attribute);
    if (id !== own || fromTypeId !== type.typeId)
      ends.set(`${name} ${fromTypeId}`, { id, name, typeId: fromTypeId, attribute });
  }
  return { place: `Type "${type.name}"`, ends: [...ends.values()] };
}

/** Of a patch in a unit: the objects of its members, which are judged under their locks, and the types that it creates. */
interface UnitFacts {
  readonly held: ReadonlySet<string | null>;
  readonly created: ReadonlyMap<string, ObjectType>;
}

const alone: UnitFacts = { held: new Set(), created: new Map() };

/**
 * Throws unless the objects are there that a patch names. Those that its object names already are no concern of it.
 * Returns the held ones. The object, whose type tells which of them count, is read with them.
 */
export async function checkPatchedIds(
  context: KvetchContext,
  id: string,
  patch: Attributes,
  { held, created }: UnitFacts = alone,
): Promise<EndsOfWrite> {
  const { schema, unchecked } = context;
  const checked = unchecked || !isRecord(patch) ? [] : schema.edges.filter(({ mustExist }) => mustExist);
  const given = checked.map(({ storedIdAttr }) => patch[storedIdAttr ?? ''] ?? null).filter((value) => value !== null);
  if (given.length === 0) return { place: '', ends: [] };
  const named = given.flatMap((value) => parseId(value) ?? []); // others are refused where the type checks them
  const rows = await readEnds(context, [...new Set([id, ...named])]);
  const found = rows.get(id) ?? null;
  const row = found instanceof Error ? null : found;
  const type = created.get(id) ?? (row === null ? null : schema.findType(row.typeId));
  if (type === null) return { place: '', ends: [] }; // the update itself says so
  const before = row === null ? null : attributesOf(row);
  const { place, ends } = storedEnds(context, type, patch);
  const added = ends.filter((end) => parseId(before?.[end.name]) !== end.id);
  for (const end of added) if (!held.has(end.id)) checkEnd(context, place, end, rows.get(end.id) ?? null);
  return { place, ends: added.filter((end) => held.has(end.id)) };
}
