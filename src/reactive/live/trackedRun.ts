import { AsyncResource } from 'node:async_hooks';
import type { ExecutionResult } from 'graphql';
import type { PromiseOrValue } from '../../utils/MaybePromise.ts';
import { propertiesOf } from '../../utils/propertiesOf.ts';
import type { ReactiveExtension } from '../../utils/reactiveExtension.ts';
import type { LiveArgs } from '../ReactiveArgs.ts';
import type { EngineArgs } from '../ReactiveEngine.ts';
import { openedHere } from '../response/sealExtension.ts';
import type { Position } from '../tracking/Place.ts';

/** An entry of `extensions.reactive.refetch`. */
export interface RefetchEntry {
  readonly at: Position;
  readonly ids?: readonly string[];
  /** Of the objects with these ids, the response keys of fields. */
  readonly fields?: readonly string[];
}

/** One run of an operation. */
export interface TrackedRun {
  readonly result: ExecutionResult;
  /** Its dependencies; null: unknown. */
  readonly described: ReactiveExtension | null;
}

/** Runs a query: the parts of some entries, or all of it (null). */
export type RunQuery = (abortSignal: AbortSignal, refetch: readonly RefetchEntry[] | null) => Promise<TrackedRun>;

interface Executes<TArgs> {
  execute(args: TArgs & LiveArgs): PromiseOrValue<ExecutionResult>;
}

/**
 * Runs a query in a context of its own. Its dependencies are in the result only where the request asks for them. It runs in the
 * async context of its caller, and not in that of the writer whose change it runs for.
 */
export function trackedRun<TArgs extends EngineArgs>(reactive: Executes<TArgs>, args: TArgs & LiveArgs): RunQuery {
  const isWanted = asksForDependencies(args);
  let again: { readonly liveAfter: number } | null = null;
  const run: RunQuery = async (abortSignal, refetch) => {
    const extensions = { reactive: refetch === null ? { v: 1 } : { v: 1, refetch } };
    const own = args.context === undefined ? null : { contextValue: await args.context() };
    const result = await reactive.execute({ ...args, ...own, ...again, abortSignal, extensions });
    const { reactive: sealed, ...others } = result.extensions as { reactive: ReactiveExtension };
    const described = openedHere(sealed);
    again = { liveAfter: described.asOf ?? again?.liveAfter ?? 0 };
    const { extensions: _extensions, ...rest } = result;
    const kept = isWanted ? result : Object.keys(others).length === 0 ? rest : { ...rest, extensions: others };
    return { result: kept, described };
  };
  return AsyncResource.bind(run);
}

/** Whether the results of a query have their dependencies. */
export function asksForDependencies({ extensions }: LiveArgs): boolean {
  return propertiesOf(propertiesOf(extensions).reactive).v === 1;
}
