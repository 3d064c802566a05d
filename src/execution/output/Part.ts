import type { PositionPath } from '../schedule/positionTasks.ts';

/** The positions of a response that are wanted, as a tree of response keys. */
export interface Part {
  /** All below is wanted. */
  readonly isWhole: boolean;
  readonly fields: ReadonlyMap<string, Part>;
}

interface GrowingPart extends Part {
  isWhole: boolean;
  readonly fields: Map<string, GrowingPart>;
}

export function partOf(paths: readonly PositionPath[]): Part {
  const root = newPart();
  for (const path of paths) {
    let part = root;
    for (const key of path) {
      const known = part.fields.get(key) ?? newPart();
      part.fields.set(key, known);
      part = known;
    }
    part.isWhole = true;
  }
  return root;
}

function newPart(): GrowingPart {
  return { isWhole: false, fields: new Map() };
}
