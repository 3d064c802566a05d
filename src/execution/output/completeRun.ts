import type { GraphQLError } from 'graphql';
import { isPromiseLike } from '../../utils/isPromiseLike.ts';
import type { PromiseOrValue } from '../../utils/MaybePromise.ts';
import type { Driver } from '../driver/Driver.ts';
import { snapshot } from '../driver/snapshot.ts';
import { OutputCompiler } from './OutputCompiler.ts';
import { BUBBLE, type OutputState } from './OutputState.ts';
import type { CompiledField, OutputWriter } from './OutputWriter.ts';

/** A form in which responses can be given. */
export interface ResponseForm<TState extends OutputState, TResponse> {
  readonly writer: OutputWriter<TState>;
  begin(driver: Driver): TState;
  /** The response, when all data was written at once. `data` is what the root object became, or `BUBBLE`. */
  whole(state: TState, data: unknown): TResponse;
  /** Collects the fields of a mutation one by one. */
  series(): SeriesCollector<TState, TResponse>;
}

export interface SeriesCollector<TState, TResponse> {
  /** Whether a root field, by its place in the list of fields, is delivered after the others. Absent: none is. */
  isLater?(field: number): boolean;
  add(key: string, state: TState, value: unknown): void;
  end(isNull: boolean, errors: readonly GraphQLError[]): TResponse;
}

/** Writes the response of a run that is done. It waits only for promises that the output itself comes upon. */
export function completeRun<TState extends OutputState, TResponse>(
  driver: Driver,
  form: ResponseForm<TState, TResponse>,
): PromiseOrValue<TResponse> {
  const root = compilerFor(driver, form).root();
  return untilSettled(
    form.begin(driver),
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
  const collector = form.series();
  const errors: GraphQLError[] = [];
  const take = ({ key }: CompiledField<TState>, state: TState, value: unknown): boolean => {
    errors.push(...state.errors);
    if (value !== BUBBLE) collector.add(key, state, value);
    return value !== BUBBLE;
  };
  const from = (start: number): PromiseOrValue<TResponse> => {
    for (let index = start; index < fields.length; index++) {
      const field = fields[index] as CompiledField<TState>;
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
    untilSettled(
      form.begin(driver),
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
 * Writes, and writes again, until nothing is pending any more. Where the run is not done, a null may have made the rest
 * superfluous: a snapshot tells.
 */
export function untilSettled<TState extends OutputState, TResult>(
  state: TState,
  write: (state: TState) => unknown,
  finish: (state: TState, value: unknown) => TResult,
): PromiseOrValue<TResult> {
  const { driver } = state;
  const attempt = (): PromiseOrValue<TResult> => {
    driver.assertSound();
    const isEarly = driver.isRunning && state.laterParts === null;
    state.run = isEarly ? snapshot(driver) : driver.state;
    const value = write(state);
    const pending = state.settle(value);
    if (pending !== null) return pending.then(attempt);
    driver.isPassed ||= isEarly;
    // What bubbled up kept the output from the values beside it.
    if (state.errors.length > 0) driver.state.unwatched.arm();
    return finish(state, value);
  };
  return attempt();
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
