import type { Random } from '../../fuzz/Random.ts';
import type { ApplicationRun } from './ApplicationRun.ts';
import { clean, wait } from './cleaning.ts';
import { createByGraphQL, deleteByGraphQL, updateByGraphQL, writeEdgeByGraphQL } from './graphqlWrites.ts';
import { create, createMany, remove, update, updateMany, writeEdge } from './rawWrites.ts';
import { writeSeveral } from './several.ts';
import { writeUnit } from './unit.ts';

export type Action = (run: ApplicationRun) => Promise<void>;

/** Actions that fill an empty store. */
export const creates: readonly Action[] = [create, createMany, createByGraphQL];

/** Writes of processes that do not know of lists yet that are built. */
export const plainWrites: readonly Action[] = [update, create, updateMany];

const weights: readonly (readonly [Action, number])[] = [
  [createByGraphQL, 6],
  [updateByGraphQL, 6],
  [deleteByGraphQL, 1.2],
  [writeSeveral, 6],
  [writeEdgeByGraphQL, 4],
  [writeEdge, 2],
  [create, 3],
  [update, 4],
  [remove, 0.8],
  [createMany, 2],
  [updateMany, 1],
  [writeUnit, 2],
  [wait, 1.5],
  [clean, 1],
];

const total = weights.reduce((sum, [, weight]) => sum + weight, 0);

export function pickAction(random: Random): Action {
  let at = random.next() * total;
  for (const [action, weight] of weights) {
    at -= weight;
    if (at < 0) return action;
  }
  return createByGraphQL;
}
