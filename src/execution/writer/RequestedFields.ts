import type { PositionPath } from '../schedule/positionTasks.ts';

/** The positions of a response that a refetch asks for, as a tree of response keys. */
export interface RequestedFields {
  /** Everything below is asked for. */
  readonly isWhole: boolean;
  readonly fields: ReadonlyMap<string, RequestedFields>;
}

interface GrowingFields extends RequestedFields {
  isWhole: boolean;
  readonly fields: Map<string, GrowingFields>;
}

export function requestedFieldsOf(paths: readonly PositionPath[]): RequestedFields {
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

function newPart(): GrowingFields {
  return { isWhole: false, fields: new Map() };
}
