import type { Random } from '../fuzz/Random.ts';

type Container = Record<string, unknown> | unknown[];

/** Keys and values that somebody would try. */
const tempting = [
  'constructor', '__proto__', 'prototype', 'toString', 'then', 'secret', 'loader:library.bookById', 'loader:none', 'fn:library.shout',
  'Query', 'Query.reader', 'Manual', 'String', '', 'lambda', 'resolve', 'entry', 'access', 'list', 'global', 'collect', 'root', 'combine', 'abstract',
]; // biome-ignore format: a list of words

/** Changes a plan document in one to four places, as JSON: numbers, kinds, names, whole parts. */
export function mutatePlan(random: Random, plan: unknown): void {
  for (let left = 1 + random.below(4); left > 0; left--) mutateOnce(random, plan as Container);
}

function mutateOnce(random: Random, root: Container): void {
  const places = placesOf(root);
  const [container, key] = random.pick(places);
  const target = container as Record<string, unknown>;
  const other = random.pick(places);
  switch (random.below(8)) {
    case 0:
      target[key] = otherValue(random, target[key]);
      return;
    case 1:
      target[key] = structuredClone((other[0] as Record<string, unknown>)[other[1]]);
      return;
    case 2:
      if (Array.isArray(container)) container.splice(Number(key), 1);
      else delete target[key];
      return;
    case 3:
      if (Array.isArray(container)) container.push(structuredClone(target[key]));
      else target[random.pick(tempting)] = structuredClone(target[key]);
      return;
    default:
      mutateScalar(random, places);
  }
}

/** Most places are containers of containers: the interesting ones are numbers and names. */
function mutateScalar(random: Random, places: ReadonlyArray<readonly [Container, string]>): void {
  const scalars = places.filter(([container, key]) => {
    const value = (container as Record<string, unknown>)[key];
    return typeof value !== 'object' || value === null;
  });
  const [container, key] = random.pick(scalars);
  const target = container as Record<string, unknown>;
  const [from, name] = random.pick(scalars);
  target[key] = random.below(3) === 0 ? (from as Record<string, unknown>)[name] : otherValue(random, target[key]);
}

function otherValue(random: Random, value: unknown): unknown {
  switch (typeof value) {
    case 'number':
      return random.pick([value + 1, value - 1, random.below(60), -1, 0, 1e9, 0.5, null, '1']);
    case 'boolean':
      return random.pick([!value, null, 'true']);
    case 'string':
      return random.pick([random.pick(tempting), random.pick(tempting), `${value}x`, null, 7]);
    default:
      return random.pick([null, {}, [], 0, 'x', { $ref: null, local: 0 }, { $ref: 'fn:library.shout', local: 0 }]);
  }
}

function placesOf(root: Container): (readonly [Container, string])[] {
  const places: (readonly [Container, string])[] = [];
  const visit = (container: Container): void => {
    for (const [key, value] of Object.entries(container)) {
      places.push([container, key]);
      if (typeof value === 'object' && value !== null) visit(value as Container);
    }
  };
  visit(root);
  return places;
}
