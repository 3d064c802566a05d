import type { Output } from './construct/OutputTree.ts';

/** Outputs with parents before children: an output that is reached twice is looked at once, with both guards. */
export function outputsInOrder(roots: readonly Output[]): Output[] {
  const order: Output[] = [];
  const seen = new Set<Output>();
  const visit = (output: Output): void => {
    if (seen.has(output)) return;
    seen.add(output);
    switch (output.kind) {
      case 'object':
        for (const { position } of output.fields) if (position !== null) visit(position.output);
        break;
      case 'list':
        visit(output.item.output);
        break;
      case 'abstract':
        for (const branch of output.branches.values()) visit(branch.position.output);
        break;
      default:
    }
    order.push(output);
  };
  for (const root of roots) visit(root);
  return order.reverse();
}
