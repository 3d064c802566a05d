import type { Segment } from '../link/Segment.ts';
import type { Task } from '../schedule/TaskGraph.ts';

/** The tasks that a compiled run has done, where the segments before `next` have begun, and of `last` some operations are done. */
export function tasksDone(
  segments: readonly Segment[],
  next: number,
  last: Segment | null,
  operations: number,
): readonly Task[] {
  const done: Task[] = [];
  for (const [index, segment] of segments.entries()) {
    if (segment.begins !== null) done.push(segment.begins);
    const end = segment === last ? operations : index < next ? segment.operations.length : 0;
    for (const { task, call } of segment.operations.slice(0, end)) if (call === null) done.push(task);
  }
  return done;
}
