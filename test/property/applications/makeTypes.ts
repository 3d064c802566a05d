import type { Random } from '../../fuzz/Random.ts';
import type { Attr, Kind, PolicyKind, Type } from './application.ts';

const pool: readonly (readonly [string, Kind])[] = [
  ['rank', 'Int'],
  ['price', 'Float'],
  ['name', 'String'],
  ['flag', 'Boolean'],
  ['at', 'DateTime'],
  ['mark', 'UUID'],
  ['code', 'String'],
];

/** The object types of an application, without lists yet. */
export function makeTypes(random: Random): readonly Type[] {
  const count = 2 + random.below(3);
  const types: Type[] = [];
  for (let n = 0; n < count; n++) types.push(makeType(random, n));
  const all = types.map(({ name }) => name);
  for (const { attrs } of types) {
    for (const [at, one] of attrs.entries())
      if (one.isLink && one.targets.length === 0) attrs[at] = { ...one, targets: all };
  }
  return types;
}

function makeType(random: Random, n: number): Type {
  const attrs = makeAttrs(random, n);
  const links = attrs.filter(({ isLink, targets }) => isLink && targets.length > 0);
  const others = links.filter(({ targets }) => targets[0] !== `T${n}`);
  let policy = random.pick<PolicyKind>(['public', 'public', 'owner', 'where', 'deny', 'sameAs', 'linked']);
  if (others.length === 0 && policy === 'sameAs') policy = 'owner';
  if (links.length === 0 && policy === 'linked') policy = 'owner';
  return {
    name: `T${n}`,
    typeId: 100 + n,
    attrs,
    policy,
    policyAttr: (policy === 'sameAs' ? others : links)[0]?.name ?? '',
    expires: attrs.some(({ name }) => name === 'ends'),
    ...{ fields: [], lists: [], hasEdges: [], sums: [] },
  };
}

function makeAttrs(random: Random, n: number): Attr[] {
  const attrs = [attrOf('owner', 'String', false), attrOf('status', 'Status', true)];
  for (const [name, kind] of random.some(pool, 0.75)) attrs.push(attrOf(name, kind, random.chance(0.25)));
  const hidable = attrs.filter((one) => !one.nonNull && one.name !== 'code' && one.name !== 'owner');
  if (random.chance(0.3) && hidable.length > 0) {
    const one = random.pick(hidable);
    attrs[attrs.indexOf(one)] = { ...one, isHidden: true };
  }
  const links = 1 + random.below(2);
  for (let at = 0; at < links; at++) attrs.push(makeLink(random, n, at));
  if (random.chance(0.2)) attrs.push(attrOf('ends', 'DateTime', false));
  return attrs;
}

/** A link to a type that is there already, or to its own; without a target to any. */
function makeLink(random: Random, n: number, at: number): Attr {
  const target = `T${random.below(n + 1)}`;
  const isUnion = random.chance(0.15);
  return {
    ...attrOf(`l${at}`, 'UUID', target !== `T${n}` && !isUnion && random.chance(0.35)),
    isLink: true,
    targets: isUnion ? [] : [target],
  };
}

export function attrOf(name: string, kind: Kind, nonNull: boolean): Attr {
  return { name, kind, nonNull, isLink: false, targets: [], isHidden: false };
}
