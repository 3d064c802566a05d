import { constants, getPriority, setPriority } from 'node:os';

/** Lets other programs of this machine go first. One that was started with a lower priority keeps it. */
export function lowerPriority(): void {
  const low = constants.priority.PRIORITY_BELOW_NORMAL;
  try {
    if (getPriority() < low) setPriority(low);
  } catch {
    // a sandbox forbids it: then the work goes on with the priority that it has
  }
}
