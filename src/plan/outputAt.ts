import { nodeAt } from '../utils/nodeAt.ts';
import type { ListOutput, ObjectOutput, Plan } from './Plan.ts';

/** The output of an object. */
export function objectOutput({ outputs }: Plan, id: number): ObjectOutput {
  const output = nodeAt(outputs, id);
  if (output.kind !== 'object') throw new RangeError(`Output ${id} is no object.`);
  return output;
}

/** The output of a list. */
export function listOutput({ outputs }: Plan, id: number): ListOutput {
  const output = nodeAt(outputs, id);
  if (output.kind !== 'list') throw new RangeError(`Output ${id} is no list.`);
  return output;
}
