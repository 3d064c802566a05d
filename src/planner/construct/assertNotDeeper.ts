import { type FragmentDefinitionNode, Kind, type OperationDefinitionNode, type SelectionSetNode } from 'graphql';
import { LimitError } from '../limits.ts';

/**
 * Refuses an operation whose fields are nested more than `maxDepth` levels deep, those of fragments as deep as they are
 * spread. A fragment is looked at again only where it lies deeper than before: `maxDepth` times at the most.
 */
export function assertNotDeeper(
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  maxDepth: number,
): void {
  const depths = new Map<string, number>();
  // A stack of our own: selection sets may be nested deeper than the call stack is.
  const open: [SelectionSetNode, number][] = [[operation.selectionSet, 1]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [{ selections }, depth] = next;
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) {
        if (depth > maxDepth)
          throw new LimitError('maxDepth', `This operation is nested more than ${maxDepth} levels deep`);
        if (selection.selectionSet !== undefined) open.push([selection.selectionSet, depth + 1]);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) open.push([selection.selectionSet, depth]);
      else {
        const { value: name } = selection.name;
        const fragment = fragments.get(name);
        if (fragment === undefined || depth <= (depths.get(name) ?? 0)) continue;
        depths.set(name, depth);
        open.push([fragment.selectionSet, depth]);
      }
    }
  }
}
