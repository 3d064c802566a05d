import type { Workload } from '../Workload.ts';
import { cold, coldText, mixed } from './cold.ts';
import { deep } from './deep.ts';
import { flat } from './flat.ts';
import { friends } from './friends.ts';
import { aliased, interfaces, spreads } from './planning.ts';
import { crowd, todo } from './todo.ts';
import { todoKvetch } from './todoKvetch.ts';
import { union } from './union.ts';

/** In the order of the table. */
export const workloads: readonly Workload[] = [
  todo,
  friends,
  deep,
  flat,
  union,
  todoKvetch,
  mixed,
  cold,
  coldText,
  crowd,
  interfaces,
  spreads,
  aliased,
];

export function workloadNamed(name: string): Workload {
  const workload = workloads.find((one) => one.name === name);
  if (workload === undefined) throw new Error(`There is no workload ${JSON.stringify(name)}.`);
  return workload;
}
