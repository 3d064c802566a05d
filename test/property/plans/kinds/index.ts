import type { Kind } from '../Recipe.ts';
import { connections } from './connections.ts';
import { effects } from './effects.ts';
import { flow } from './flow.ts';
import { inputs } from './inputs.ts';
import { lists } from './lists.ts';
import { loads } from './loads.ts';
import { nodes } from './nodes.ts';
import { stored } from './stored.ts';
import { values } from './values.ts';

/** All ways to make a value, by the names that recipes have for them. */
export const kinds: Readonly<Record<string, Kind>> = {
  ...values,
  ...flow,
  ...lists,
  ...loads,
  ...connections,
  ...nodes,
  ...inputs,
  ...effects,
  ...stored,
};
