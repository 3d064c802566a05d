import type { ExecutionResult } from 'graphql';
import { mapAsyncIterable } from '../../utils/mapAsyncIterable.ts';
import type { ReactiveExtension } from '../../utils/reactiveExtension.ts';
import type { EngineArgs, IncrementalResult, ReactiveEngine, ResponsePart } from '../ReactiveEngine.ts';
import type { FieldRules } from '../tracking/FieldRules.ts';
import { eachObjectIn } from '../tracking/objectsIn.ts';
import { type Dependencies, Tracker } from '../tracking/Tracker.ts';
import { type Begun, beginOf } from '../versions/beginOf.ts';
import type { VersionStore } from '../versions/VersionStore.ts';

/** Describes the dependencies of data that was read after a moment. */
export type Describe = (dependencies: Dependencies, asOf: Begun | null, tracker: Tracker) => Promise<ReactiveExtension>;

/** Each part of a response has the dependencies that the parts before it do not have. */
export async function describeParts<TArgs extends EngineArgs>(
  engine: ReactiveEngine<TArgs>,
  args: TArgs,
  versions: VersionStore,
  rules: FieldRules,
  describe: Describe,
): Promise<ExecutionResult | IncrementalResult> {
  const asOf = beginOf(versions);
  const tracker = new Tracker(rules);
  const described = async <T extends { readonly extensions?: ExecutionResult['extensions'] }>(
    part: T,
    data: unknown,
    isFirst: boolean,
  ): Promise<T> => {
    const dependencies = tracker.nextDependencies((at, visit) => eachObjectIn(data, at, visit));
    if (!isFirst && dependencies.status === 'full' && dependencies.groups.length === 0) return part;
    const reactive = await describe(dependencies, asOf, tracker);
    return { ...part, extensions: { ...part.extensions, reactive } };
  };
  const result = await tracker.run(() => engine.executeIncrementally({ ...args, ...tracker.args }));
  if (!('initialResult' in result)) return described(result, result.data, true);
  const { initialResult, subsequentResults } = result;
  return {
    initialResult: await described(initialResult, initialResult.data, true),
    // The objects of later parts are not told apart: their dependencies concern their fields.
    subsequentResults: mapAsyncIterable<ResponsePart, ResponsePart>(subsequentResults, (part) =>
      described(part, null, false),
    ),
  };
}

/** Each event of a subscription has the dependencies of its data. */
export async function describeEvents<TArgs extends EngineArgs>(
  engine: ReactiveEngine<TArgs>,
  args: TArgs,
  versions: VersionStore,
  rules: FieldRules,
  describe: Describe,
): Promise<ExecutionResult | AsyncGenerator<ExecutionResult, void, void>> {
  let current = new EventReads(versions, rules);
  const result = await engine.subscribe({
    ...args,
    recordDependencies: (...given) => current.begun.record(...given),
    around: (step, call) => current.begun.around(step, call),
  });
  if (!(Symbol.asyncIterator in result)) return result;
  // The next event is asked for when this one was described: notes made meanwhile belong to one event.
  current = new EventReads(versions, rules);
  return mapAsyncIterable(result, async (event) => {
    const { begun, asOf } = current;
    current = new EventReads(versions, rules);
    const reactive = await describe(
      begun.dependencies((at, visit) => eachObjectIn(event.data, at, visit)),
      asOf,
      begun,
    );
    return { ...event, extensions: { ...event.extensions, reactive } };
  });
}

/** The reads of one event. Its moment is noted when it begins to read. */
class EventReads {
  readonly #versions: VersionStore;
  readonly #tracker: Tracker;
  asOf: Begun | null = null;
  #hasBegun = false;

  constructor(versions: VersionStore, rules: FieldRules) {
    this.#versions = versions;
    this.#tracker = new Tracker(rules);
  }

  get begun(): Tracker {
    if (!this.#hasBegun) this.asOf = beginOf(this.#versions);
    this.#hasBegun = true;
    return this.#tracker;
  }
}
