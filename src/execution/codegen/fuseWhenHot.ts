import type { Plan } from '../../plan/Plan.ts';
import { functionOf } from '../../utils/functionOf.ts';
import type { LinkedPlan } from '../link/LinkedPlan.ts';
import { PlanShare, type Total } from '../link/PlanShare.ts';
import type { Complete, OutputState } from '../output/OutputState.ts';
import type { OutputWriter } from '../output/OutputWriter.ts';
import { FusedSites } from './FusedSites.ts';
import { type FormSource, FusedWriter } from './FusedWriter.ts';

/** Another way to write whole responses, for each plan. */
type Root<TState extends OutputState> = NonNullable<OutputWriter<TState>['root']>;

/** A root value on which no property is found, as on `undefined`. */
const NOTHING: unknown = Object.freeze(Object.create(null));

/** The responses of all plans without a fused writer. */
const written: Total = { count: 0 };

/**
 * Writes whole responses with one generated function once the plan is hot. `whole` defines the meaning. Responses of several
 * parts, and those of runs that are not done, are left to it.
 */
export function fuseWhenHot<TState extends OutputState>(form: FormSource, helpers: object): Root<TState> {
  const parameters = ['sites', 'names', 'field', ...Object.keys(helpers)];
  const helperValues = Object.values(helpers);
  return (linked, compiler, whole) =>
    wholeWhenHot(linked, whole, () => {
      const sites = new FusedSites(compiler);
      const source = new FusedWriter(linked, sites, form).write();
      const values = [sites.sites, sites.names, sites.field, ...helperValues];
      return functionOf(source, parameters, values) as Complete<TState> | null;
    });
}

function wholeWhenHot<TState extends OutputState>(
  linked: LinkedPlan,
  whole: Complete<TState>,
  make: () => Complete<TState> | null,
): Complete<TState> {
  const { codegen } = linked.source;
  if (codegen === 'never') return whole;
  let fused: Complete<TState> | null = null;
  let outputs = 0;
  let share = new PlanShare(written);
  let willFuse = false;
  const fuse = (): void => {
    fused = madeSafely(linked, make);
  };
  /** A plan that has grown is fused anew when it has been as it is for a while. */
  const begin = (): void => {
    outputs = linked.plan.outputs.length;
    fused = null;
    share = new PlanShare(written);
    willFuse = false;
    if (codegen === 'always') fuse();
  };
  return (state, value, row) => {
    const { run } = state;
    const isWhole = state.laterParts === null && run === state.driver.state && run.listFailures === null;
    if (!isWhole || (typeof value !== 'object' && value !== undefined)) return whole(state, value, row);
    if (outputs !== linked.plan.outputs.length) begin();
    if (fused !== null) return fused(state, value ?? NOTHING, row);
    // One of its objects is hot, too.
    if (!willFuse && share.count() && linked.generatedFields > 0) {
      willFuse = true;
      setImmediate(fuse); // not while a request waits
    }
    return whole(state, value, row);
  };
}

/** No caller could handle an error here: a defect of the generator costs speed, not the process. */
function madeSafely<TState extends OutputState>(
  linked: LinkedPlan,
  make: () => Complete<TState> | null,
): Complete<TState> | null {
  try {
    linked.generatedFields += sizeOf(linked.plan);
    linked.growth++;
    return make();
  } catch {
    return null;
  }
}

function sizeOf({ outputs }: Plan): number {
  return outputs.reduce((total, node) => total + (node.kind === 'object' ? node.fields.length : 0), 0);
}
