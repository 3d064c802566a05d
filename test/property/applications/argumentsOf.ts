import type { Random } from '../../fuzz/Random.ts';
import type { Bound, ListField } from './application.ts';
import type { Cursors } from './Cursors.ts';
import type { Slot } from './makeDocument.ts';
import type { Oracle } from './Oracle.ts';
import { noId, valueFor } from './values.ts';

/** What values are taken from. */
export interface Sources {
  readonly random: Random;
  readonly oracle: Oracle;
  readonly cursors: Cursors;
}

/** Variables for the slots of a document; cursors are the oracle's. */
export function variablesFor(sources: Sources, slots: readonly Slot[]): Record<string, unknown> {
  const given: Record<string, unknown> = {};
  for (const slot of slots) {
    const args = slot.field === null ? plainArguments(sources, slot) : listArguments(sources, slot, slot.field);
    for (const [name, value] of Object.entries(args)) given[slot.variables.get(name) as string] = value;
  }
  return given;
}

function plainArguments(sources: Sources, { variables, idOf }: Slot): Record<string, unknown> {
  const { random } = sources;
  const args: Record<string, unknown> = {};
  for (const arg of variables.keys()) {
    if (arg === 'id' || arg === 'from') args[arg] = idFor(sources, idOf);
    else if (arg === 'first' && random.chance(0.7)) args[arg] = random.pick([0, 1, 2, 5, 100, 1000, 2000, -1]);
    else if (arg === 'after' && random.chance(0.4)) args[arg] = idFor(sources, idOf);
  }
  return args;
}

function listArguments(sources: Sources, slot: Slot, field: ListField): Record<string, unknown> {
  const { random, oracle, cursors } = sources;
  const args: Record<string, unknown> = {};
  const { type } = (field.lists[0] as ListField['lists'][number]).list;
  for (const one of field.values) args[one.name] = valueFor(random, one, oracle, type);
  if (field.isChoice && random.chance(0.85)) args.order = random.pick(field.lists).value;
  for (const bound of field.bounds) if (random.chance(0.35)) args[bound.arg] = boundFor(sources, bound, type);
  Object.assign(args, sizesFor(random, field.paging));
  if (!field.takesPlaces) return args;
  for (const name of ['after', 'before'] as const) {
    if (!slot.variables.has(name) || !random.chance(field.paging === 'both' ? 0.3 : 0.45)) continue;
    const place = field.shape === 'connection' ? cursors.pick(random, field) : idFor(sources, type);
    if (place !== null) args[name] = place;
  }
  return args;
}

function idFor({ random, oracle }: Sources, type: string | null): string {
  const rows = oracle.rows.filter((row) => type === null || row.type.name === type);
  const any = random.chance(0.08) || rows.length === 0 ? oracle.rows : rows;
  const one = any.length === 0 ? noId : random.pick(any).id;
  return random.chance(0.05) ? one.toUpperCase() : one;
}

function sizesFor(random: Random, paging: ListField['paging']): Record<string, number> {
  const size = (): number =>
    random.chance(0.04) ? random.pick([-1, 1001, 2147483647]) : random.pick([0, 1, 1, 2, 2, 3, 4, 6, 100, 1000]);
  if (paging === 'none') return {};
  if (paging !== 'both') return random.chance(0.8) ? { [paging === 'forward' ? 'first' : 'last']: size() } : {};
  const mode = random.below(20);
  if (mode < 9) return { first: size() };
  if (mode < 18) return { last: size() };
  return mode === 18 ? {} : { first: size(), last: size() };
}

function boundFor({ random, oracle }: Sources, bound: Bound, type: string): unknown {
  const value = (): unknown => valueFor(random, bound.attr, oracle, type);
  if (!bound.isRange) return value();
  const kind = random.below(8);
  if (kind === 0) return {};
  if (bound.attr.kind === 'String' && kind < 3)
    return { startsWith: random.chance(0.5) ? String(value()).slice(0, random.below(3)) : value() };
  return { ...(kind !== 3 && { from: value() }), ...(kind !== 4 && { to: value() }) };
}
