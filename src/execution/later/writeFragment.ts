import { locatedError } from 'graphql';
import { appendAll } from '../../utils/appendAll.ts';
import { isPromiseLike } from '../../utils/isPromiseLike.ts';
import type { PromiseOrValue } from '../../utils/MaybePromise.ts';
import type { Progress } from '../driver/Progress.ts';
import { untilFilled } from '../writer/completeRun.ts';
import { BUBBLE, type Complete, type FieldReference, ResponseState } from '../writer/ResponseState.ts';
import { Deliveries } from './Deliveries.ts';
import type { Work } from './DeliveryQueue.ts';
import type { IncrementalRun } from './IncrementalRun.ts';
import type { DeliveryContext, ResponsePath, TaskOutcome } from './laterParts.ts';

/** A part of a response that is written separately: its path, and the function that writes it. */
export interface PendingFragment {
  readonly run: IncrementalRun;
  /** How far its steps are. */
  readonly progress: Progress;
  readonly path: ResponsePath;
  readonly context: DeliveryContext;
  readonly complete: Complete;
  readonly value: unknown;
  readonly row: number;
}

export interface WrittenFragment {
  readonly outcome: TaskOutcome;
  readonly work: Work;
}

const NOTHING: Work = { groups: [], tasks: [], streams: [] };

/** Writes a part whose steps are done, or whose rest a null may have made superfluous. */
export function writeFragment(fragment: PendingFragment): PromiseOrValue<WrittenFragment> {
  const { run, progress, path, context, complete, value, row } = fragment;
  const state = new ResponseState(run.driver);
  const deliveries = new Deliveries(run, context);
  state.selection = deliveries;
  state.progress = progress;
  const write = (): unknown => {
    path.forEach((key, depth) => {
      state.path[depth] = key;
    });
    state.depth = path.length;
    const completed = complete(state, value, row);
    // A streamed item may be a list that is still to come.
    return completed === BUBBLE && state.isUnfinished ? state.leaveUnfinished(complete, value, row) : completed;
  };
  const finish = (_state: ResponseState, data: unknown): WrittenFragment => {
    const { errors } = state;
    if (data !== BUBBLE) return { outcome: { kind: 'data', data, errors }, work: deliveries };
    deliveries.drop([]);
    return failedFragment(errors[errors.length - 1]);
  };
  try {
    const written = untilFilled(state, path.length, write, finish);
    return isPromiseLike(written) ? written.then(undefined, failedFragment) : written;
  } catch (error) {
    return failedFragment(error);
  }
}

/** Even a defect of planql ends in an error of the response. */
export function failedFragment(error: unknown): WrittenFragment {
  return { outcome: { kind: 'failed', error: locatedError(error, undefined) }, work: NOTHING };
}

/** Locates an error of the list at a path. */
export function listError(run: IncrementalRun, place: FieldReference, path: ResponsePath, error: unknown): unknown {
  const state = new ResponseState(run.driver);
  appendAll(state.path, path);
  state.depth = path.length;
  state.fail(place, error, true);
  return state.errors[0];
}
