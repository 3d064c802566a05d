/**
 * `itemAt` for lists of objects that are read while a request runs: nodes of a plan, tasks, steps. Only these come here,
 * so V8 inlines it: 0.4 ns more than `list[index]` (decision 0520).
 */
export function nodeAt<T extends object>(nodes: readonly T[], id: number): T {
  const node = nodes[id];
  if (node === undefined) throw new RangeError(`There is no node ${id} among ${nodes.length}.`);
  return node;
}
