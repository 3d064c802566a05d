import type { GraphQLError } from 'graphql';
import { isPromiseLike } from '../../utils/isPromiseLike.ts';
import type { PromiseOrValue } from '../../utils/MaybePromise.ts';
import { nodeAt } from '../../utils/nodeAt.ts';
import type { Driver } from '../driver/Driver.ts';
import { snapshot } from '../driver/snapshot.ts';
import type { LinkedPlan } from '../link/LinkedPlan.ts';
import { HoleFiller } from './HoleFiller.ts';
import { OutputCompiler } from './OutputCompiler.ts';
import { BUBBLE, type OutputState } from './OutputState.ts';
import type { CompiledField, OutputWriter } from './OutputWriter.ts';

/** A form of responses: objects, text, bytes. */
export interface ResponseForm<TState extends OutputState, TResponse> {
  readonly writer: OutputWriter<TState>;
  begin(driver: Driver): TState;
  /** The response, when all data was written at once. `data` is the root object, or `BUBBLE`. */
  whole(state: TState, data: unknown): TResponse;
  /** Collects the fields of a mutation one by one. */
  series(linked: LinkedPlan): SeriesCollector<TState, TResponse>;
}

export interface SeriesCollector<TState, TResponse> {
  /** Whether a root field, by its index in the list of fields, is delivered after the others. Absent: none is. */
  isLater?(field: number): boolean;
  add(key: string, state: TState, value: unknown): void;
  end(isNull: boolean, errors: readonly GraphQLError[]): TResponse;
}

/** Writes the response of a run that is done. It waits only for promises that the output itself finds. */
export function completeRun<TState extends OutputState, TResponse>(
  driver: Driver,
  form: ResponseForm<TState, TResponse>,
): PromiseOrValue<TResponse> {
  const root = compilerFor(driver, form).root();
  return untilFilled(
    form.begin(driver),
    0,
    (state) => root(state, driver.state.rootValue, 0),
    (state, data) => {
      if (state.errors.length === 0 && state.laterParts === null) driver.state.unwatched.clear();
      return form.whole(state, data);
    },
  );
}

/** Runs a mutation: each field is in the response before the next one begins (rule R19). */
export function completeInSeries<TState extends OutputState, TResponse>(
  driver: Driver,
  form: ResponseForm<TState, TResponse>,
): PromiseOrValue<TResponse> {
  const fields = compilerFor(driver, form).rootFields();
  const collector = form.series(driver.linked);
  const errors: GraphQLError[] = [];
  const take = ({ key }: CompiledField<TState>, state: TState, value: unknown): boolean => {
    errors.push(...state.errors);
    if (value !== BUBBLE) collector.add(key, state, value);
    return value !== BUBBLE;
  };
  const from = (start: number): PromiseOrValue<TResponse> => {
    for (let index = start; index < fields.length; index++) {
      const field = nodeAt(fields, index);
      if (!driver.state.holds(field.guard) || collector.isLater?.(index) === true) continue;
      const goesOn = runField(driver, form, field, take);
      if (isPromiseLike(goesOn)) {
        return goesOn.then((ok) => (ok ? from(index + 1) : collector.end(true, errors)));
      }
      if (!goesOn) return collector.end(true, errors);
    }
    return collector.end(false, errors);
  };
  return from(0);
}

function runField<TState extends OutputState, TResponse>(
  driver: Driver,
  form: ResponseForm<TState, TResponse>,
  field: CompiledField<TState>,
  take: (field: CompiledField<TState>, state: TState, value: unknown) => boolean,
): PromiseOrValue<boolean> {
  if (field.phase !== -1) driver.openPhase(field.phase);
  const write = (): PromiseOrValue<boolean> =>
    untilFilled(
      form.begin(driver),
      1,
      (state) => {
        state.path[0] = field.key;
        state.depth = 1;
        return field.complete(state, driver.state.rootValue, 0);
      },
      (state, value) => take(field, state, value),
    );
  const going = driver.drive();
  return going === null ? write() : going.then(write);
}

/**
 * Writes a response, or a part of one, and fills its holes. If the run is not done, a snapshot shows whether a null has
 * made the rest unnecessary. The part is at the first `depth` keys of the state's path.
 */
export function untilFilled<TState extends OutputState, TResult>(
  state: TState,
  depth: number,
  write: (state: TState) => unknown,
  finish: (state: TState, value: unknown) => TResult,
): PromiseOrValue<TResult> {
  const { driver } = state;
  driver.assertSound();
  const isEarly = state.progress.isRunning;
  state.run = isEarly ? snapshot(driver) : driver.state;
  const { unwatched } = driver.state;
  const end = (value: unknown): TResult => {
    // After a null the output did not read the values beside it.
    if (state.errors.length > 0) unwatched.arm();
    return finish(state, value);
  };
  const value = write(state);
  if (value !== BUBBLE && state.spots.length > 0) {
    const hasReadAll = state.errors.length === 0 && state.unfinished.length === 0 && state.laterParts === null;
    // Fields of a mutation are written one by one: those before it may have left values.
    if (hasReadAll && depth === 0) unwatched.clear();
    unwatched.arm();
    return new HoleFiller(state, depth, value).filled().then(end);
  }
  for (const spot of state.spots) spot.isOver = true;
  driver.isPassed ||= isEarly;
  return end(value);
}

export function compilerFor<TState extends OutputState>(
  { linked }: Driver,
  { writer }: ResponseForm<TState, unknown>,
): OutputCompiler<TState> {
  linked.compiled ??= new Map();
  let compiler = linked.compiled.get(writer) as OutputCompiler<TState> | undefined;
  if (compiler === undefined) {
    compiler = new OutputCompiler(linked, writer);
    linked.compiled.set(writer, compiler);
  }
  return compiler;
}
