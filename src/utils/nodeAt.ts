/**
 * `itemAt` for lists of objects that are read while a request runs: nodes of a plan, tasks, steps. Only these come here,
 * so V8 inlines it: 0.4 ns more than `list[index]`, but not in the hottest functions (decision engine-assertions). It stays this short, for V8 inlines a bounded amount of code.
 */
export function nodeAt<T extends object>(nodes: readonly T[], id: number): T {
  return nodes[id] ?? missing(nodes, id);
}

function missing({ length }: readonly unknown[], id: number): never {
  throw new RangeError(`There is no node ${id} among ${length}.`);
}
