import type { GraphQLSchema } from 'graphql';
import type { Random } from '../../fuzz/Random.ts';
import { type RandomOperation, randomOperation } from '../../fuzz/randomOperation.ts';
import type { Knobs } from './Knobs.ts';
import { cursorFor } from './pages.ts';

/** An operation on a random schema; one in ten subscribes. */
export function operationOn(random: Random, schema: GraphQLSchema, knobs: Knobs): RandomOperation {
  const isEvent = !knobs.incremental && random.chance(0.1);
  return randomOperation(random, schema, { knobs, argument, ...(isEvent ? { kind: 'subscription' } : null) });
}

function argument(random: Random, name: string, variable: (name: string) => string): string | null {
  if (!random.chance(0.4)) return null;
  const count = (): string =>
    random.pick(['0', '1', '1', '2', '2', '3', 'null', variable('x'), ...(random.chance(0.1) ? ['-1'] : [])]);
  switch (name) {
    case 'n':
      return random.pick(['0', '1', '2', 'null', variable('n'), variable('n3'), variable('x')]);
    case 'key':
      return random.pick([...['r0', 'r1', 'r2', 'r3', 'r99'].map((key) => `"${key}"`), 'null']);
    case 'yes':
      return random.pick(['true', 'false', 'null', variable('v0'), variable('v1')]);
    case 'ns':
      return random.pick(['[]', '[1, 2, 1]', 'null', '3', `[${variable('n')}, 2]`]);
    case 'filter':
      return random.pick([
        '{}',
        'null',
        '{ kind: "A", max: 1 }',
        `{ and: [{ max: ${variable('n')} }, { kind: null }], kind: "B" }`,
      ]);
    case 'point':
      return random.pick(['{ x: 1 }', 'null', `{ x: ${variable('x')}, y: 4 }`]);
    case 'first':
    case 'last':
    case 'offset':
      // Most pairs of them are refused.
      return name === 'first' || random.chance(0.3) ? count() : null;
    case 'after':
    case 'before': {
      if (!random.chance(0.5)) return null;
      const place = random.below(5);
      return JSON.stringify(random.pick([cursorFor('position', place), cursorFor('key', `r${place}`), 'none']));
    }
    default:
      return null;
  }
}
