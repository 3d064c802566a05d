import type { ExecutionResult } from 'graphql';
import type { PromiseOrValue } from '../../utils/MaybePromise.ts';
import { propertiesOf } from '../../utils/propertiesOf.ts';
import type { LiveArgs } from '../ReactiveArgs.ts';
import type { EngineArgs } from '../ReactiveEngine.ts';
import { heldOf, type ReactiveExtension } from '../response/describe.ts';
import type { Held } from '../versions/staleness.ts';

/** One run of an operation. */
export interface TrackedRun {
  readonly result: ExecutionResult;
  /** What it depends on; null: that cannot be watched now, so it is run again after a while. */
  readonly held: Held | null;
}

interface Executes<TArgs> {
  execute(args: TArgs & LiveArgs): PromiseOrValue<ExecutionResult>;
}

/** Runs a query in a context of its own. Its dependencies are in the result only where the request asks for them. */
export function trackedRun<TArgs extends EngineArgs>(
  reactive: Executes<TArgs>,
  args: TArgs & LiveArgs,
): (abortSignal: AbortSignal) => Promise<TrackedRun> {
  const isWanted = propertiesOf(propertiesOf(args.extensions).reactive).v === 1;
  const extensions = { reactive: { v: 1 } };
  let again: { readonly liveAfter: number } | null = null;
  return async (abortSignal) => {
    const own = args.context === undefined ? null : { contextValue: await args.context() };
    const result = await reactive.execute({ ...args, ...own, ...again, abortSignal, extensions });
    const { reactive: described, ...others } = result.extensions as { reactive: ReactiveExtension };
    again = { liveAfter: described.asOf ?? again?.liveAfter ?? 0 };
    const { extensions: _extensions, ...rest } = result;
    const kept = isWanted ? result : Object.keys(others).length === 0 ? rest : { ...rest, extensions: others };
    return { result: kept, held: heldOf(described) };
  };
}
