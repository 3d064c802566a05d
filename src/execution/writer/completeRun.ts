import type { GraphQLError } from 'graphql';
import { appendAll } from '../../utils/appendAll.ts';
import { getOrCreate } from '../../utils/getOrCreate.ts';
import { isPromiseLike } from '../../utils/isPromiseLike.ts';
import type { PromiseOrValue } from '../../utils/MaybePromise.ts';
import { nodeAt } from '../../utils/nodeAt.ts';
import type { Driver } from '../driver/Driver.ts';
import { snapshot } from '../driver/snapshot.ts';
import type { LinkedPlan } from '../link/LinkedPlan.ts';
import type { CompiledField } from './LeafField.ts';
import { OutputCompiler } from './OutputCompiler.ts';
import { PendingPositions } from './PendingPositions.ts';
import { BUBBLE, type Complete, type ResponseState } from './ResponseState.ts';

/** A form of responses: objects, text, bytes. */
export interface ResponseForm<TResponse> {
  /** Writes the root object of a plan's responses. */
  root(linked: LinkedPlan, compiler: OutputCompiler): Complete;
  begin(driver: Driver): ResponseState;
  /** The response, when all data was written at once. `data` is what `root` returned, with its pending positions filled. */
  whole(state: ResponseState, data: unknown): TResponse;
  /** The same response with extensions. */
  extend(response: TResponse, extensions: object): TResponse;
  /** Collects the fields of a mutation one by one. */
  series(linked: LinkedPlan): SeriesCollector<TResponse>;
}

export interface SeriesCollector<TResponse> {
  /** Whether a root field, by its index in the list of fields, is delivered after the others. Absent: none is. */
  isLater?(field: number): boolean;
  add(key: string, state: ResponseState, value: unknown): void;
  end(isNull: boolean, errors: readonly GraphQLError[]): TResponse;
}

/** Writes the response of a run that is done. It waits only for promises that the output itself finds. */
export function completeRun<TResponse>(driver: Driver, form: ResponseForm<TResponse>): PromiseOrValue<TResponse> {
  const root = rootFor(driver, form);
  return untilFilled(
    form.begin(driver),
    0,
    (state) => root(state, driver.state.rootValue, 0),
    (state, data) => {
      if (state.errors.length === 0 && state.selection === null) driver.state.unwatched.clear();
      return form.whole(state, data);
    },
  );
}

/** Runs a mutation: each field is in the response before the next one begins (rule R19). */
export function completeInSeries<TResponse>(driver: Driver, form: ResponseForm<TResponse>): PromiseOrValue<TResponse> {
  const fields = compilerFor(driver.linked).rootFields();
  const collector = form.series(driver.linked);
  const errors: GraphQLError[] = [];
  const take = ({ key }: CompiledField, state: ResponseState, value: unknown): boolean => {
    appendAll(errors, state.errors);
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

function runField<TResponse>(
  driver: Driver,
  form: ResponseForm<TResponse>,
  field: CompiledField,
  take: (field: CompiledField, state: ResponseState, value: unknown) => boolean,
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
 * Writes a response, or a part of one, and fills its pending positions. If the run is not done, a snapshot shows whether a null has
 * made the rest unnecessary. The part is at the first `depth` keys of the state's path.
 */
export function untilFilled<TResult>(
  state: ResponseState,
  depth: number,
  write: (state: ResponseState) => unknown,
  finish: (state: ResponseState, value: unknown) => TResult,
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
  if (value !== BUBBLE && state.pending.length > 0) {
    const hasReadAll = state.errors.length === 0 && state.unfinished.length === 0 && state.selection === null;
    // Fields of a mutation are written one by one: those before it may have left values.
    if (hasReadAll && depth === 0) unwatched.clear();
    unwatched.arm();
    return new PendingPositions(state, depth, value).filled().then(end);
  }
  for (const node of state.pending) node.isOver = true;
  driver.isPassed ||= isEarly;
  return end(value);
}

/** All plans of a form have one function `root`: it is the name of what it made. */
function rootFor({ linked }: Driver, { root }: ResponseForm<unknown>): Complete {
  return getOrCreate(linked.writers, root, () => root(linked, compilerFor(linked))) as Complete;
}

export function compilerFor(linked: LinkedPlan): OutputCompiler {
  return getOrCreate(linked.writers, OutputCompiler, () => new OutputCompiler(linked)) as OutputCompiler;
}
