import { deduplicateSteps } from './passes/deduplicateSteps.ts';
import { finalizeSteps } from './passes/finalizeSteps.ts';
import { hoistSteps } from './passes/hoistSteps.ts';
import { inlineSteps } from './passes/inlineSteps.ts';
import { optimizeSteps } from './passes/optimizeSteps.ts';
import type { Pass } from './passes/Pass.ts';
import { treeShakeSteps } from './passes/treeShakeSteps.ts';

/** The planner's table of contents. Deduplication and hoisting also run while the graph is built, field by field. */
export const standardPasses: ReadonlyArray<Pass> = [
  treeShakeSteps, // before optimizing, so that no step optimizes for a dependent that is gone
  optimizeSteps, // dependents first: a step may absorb a need before its dependency fixes its request
  hoistSteps, // a replacement may have fewer dependencies than the step before it
  deduplicateSteps, // a replaced or hoisted step may now equal one that is already there
  { ...treeShakeSteps, afterChange: true }, // again: optimizing may leave steps that nobody needs
  inlineSteps, // after the last shake: only a step that runs can need a register
  finalizeSteps, // last: nothing may add or remove steps after this line
];

/** The names by which passes can be disabled. Early starts are no pass over the graph, and can be disabled like one. */
export const passNames: ReadonlySet<string> = new Set([...standardPasses.map(({ name }) => name), 'startAhead']);
