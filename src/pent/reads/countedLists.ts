import type { Range } from '../../kvetch/codec/orderKey.ts';
import type { IndexKind } from '../../kvetch/schema/definitions.ts';
import type { Condition, EdgeType, KeyAttribute } from '../../kvetch/schema/KvetchSchema.ts';
import { isRecord } from '../../utils/isRecord.ts';
import type { Context, Rule, RuleValue } from '../contract.ts';
import { allowAll } from '../privacy/always.ts';
import { hasRules, mayHideEntries, parentOf } from '../privacy/readability.ts';
import { toldByEdge, toldByIndex } from '../privacy/toldAttributes.ts';

/** A list to count, or to add up: of an edge from an object, or of an index under a value. */
export type CountedList = CountedEdges | CountedIndex;

interface Counted {
  readonly name: string | number;
  readonly range?: Range | undefined;
  /** The attribute that is added up, in place of counting: the first one of the list's order. */
  readonly sum?: string | undefined;
  /** The sum is divided by the count. */
  readonly isAverage?: boolean | undefined;
}

interface CountedEdges extends Counted {
  readonly kind: 'edge';
  /** The id of the object that has the list. */
  readonly of: string;
}

interface CountedIndex extends Counted {
  readonly kind: 'index';
  readonly of: unknown;
}

interface CountedTarget {
  readonly typeId: number;
  /** The attribute that the list follows from, if it is an edge's. */
  readonly storedIdAttr: string | null;
  readonly where: readonly Condition[];
  /** The attributes that have one value in the list of each value. */
  readonly attrs: readonly KeyAttribute[];
  readonly told: readonly string[];
}

/** The type of a list's objects, and the attributes that its entries tell of. */
export function targetOf({ model: { schema } }: Context, { kind, name }: CountedList): CountedTarget {
  if (kind === 'index') {
    const { typeId, attrs, where, list } = schema.index(name);
    const own: Pick<EdgeType, 'where'> & { readonly attrs: readonly KeyAttribute[] } =
      list === null ? { where, attrs } : { where: list.where, attrs: list.source?.attrs ?? [] };
    return { ...own, typeId, storedIdAttr: null, told: toldByIndex(schema, name) };
  }
  const { toTypeId, storedIdAttr, where } = schema.edge(name);
  return { typeId: toTypeId, storedIdAttr, where, attrs: [], told: toldByEdge(schema, name) };
}

/** The order of a list, and whether its attributes are in the data of edges: else in the objects. */
export function orderOf(
  { model: { schema } }: Context,
  { kind, name }: CountedList,
): Pick<EdgeType, 'order'> & { readonly isOfEntries: boolean } {
  const list = kind === 'edge' ? schema.edge(name) : schema.index(name).list;
  if (list === null) return { order: null, isOfEntries: false };
  return { order: list.order, isOfEntries: list.storedIdAttr === null && list.source === null };
}

/**
 * Whether the list's objects are readable all together: all are readable, as the owner of the list is (which was read), or
 * by a rule that knows the values which they have in common. The store counts no entries of plain indexes.
 */
export function isCountedByStore(context: Context, list: CountedList): boolean {
  if (list.kind === 'index' && context.model.schema.index(list.name).list === null) return false;
  const found = targetOf(context, list);
  const target = context.model.find(found.typeId);
  if (target === null || !mayHideEntries(context, target, found.told)) return target !== null;
  if (hasRules(context.model, target, found.told)) return false;
  const { rules, fallback } = context.model.objectRules.get(target) ?? { rules: [], fallback: true };
  return isAsOwner(rules, fallback, found.storedIdAttr) || isAllowed(rules, found, list.of);
}

/** Whether `sameAs` alone decides, by the attribute that the list follows from. */
function isAsOwner([rule, ...others]: readonly Rule[], fallback: boolean, storedIdAttr: string | null): boolean {
  const isDecided = others.length === 0 ? fallback : others[0] === allowAll;
  return isDecided && storedIdAttr !== null && rule !== undefined && parentOf(rule) === storedIdAttr;
}

/** Whether a rule allows all that the list may hold, before one may deny some of it. */
function isAllowed(rules: readonly Rule[], target: CountedTarget, of: unknown): boolean {
  for (const { effect, where } of rules) {
    if (effect !== 'allow') return false;
    if (where === undefined) continue;
    if ([...where].every(([attr, values]) => hasOnly(target, of, attr, values))) return true;
  }
  return false;
}

function hasOnly({ where, attrs }: CountedTarget, of: unknown, attr: string, values: readonly RuleValue[]): boolean {
  const allowed = values.map(keyOf);
  const condition = where.find((one) => one.attr === attr);
  if (condition !== undefined && [...condition.keys].every((key) => allowed.includes(key))) return true;
  const isPlain = ({ attr: name, kind }: KeyAttribute): boolean => name === attr && PLAIN_KINDS.includes(kind);
  if (!attrs.some(isPlain)) return false;
  const asked = isRecord(of) ? of[attr] : attrs.length === 1 ? of : undefined;
  return asked !== undefined && asked !== null && values.some((value) => value === asked);
}

/** Their values are equal where their index keys are. */
const PLAIN_KINDS: readonly IndexKind[] = ['string', 'int', 'bool'];

/**
 * The index key of a value; undefined where attributes that are no such value may have it, too: ids in capitals, and long
 * texts that begin alike.
 */
function keyOf(value: RuleValue): string | null | undefined {
  if (typeof value === 'string') return value.length < 300 ? `s${value}` : undefined;
  if (typeof value === 'boolean') return `b${value ? 1 : 0}`;
  return value === null ? null : `i${value + 0}`;
}
