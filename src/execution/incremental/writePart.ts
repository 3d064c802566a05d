import { locatedError } from 'graphql';
import { isPromiseLike } from '../../utils/isPromiseLike.ts';
import type { PromiseOrValue } from '../../utils/MaybePromise.ts';
import { untilSettled } from '../output/completeRun.ts';
import { BUBBLE, type FieldPlace, OutputState } from '../output/OutputState.ts';
import type { Complete } from '../output/OutputWriter.ts';
import type { Run } from '../Run.ts';
import { Deliveries, type DeliveryContext, type ResponsePath, type TaskOutcome } from './Deliveries.ts';
import type { DeliveryChoice } from './DeliveryChoice.ts';
import type { Work } from './DeliveryQueue.ts';

/** A part of a response that is written by itself: where it stands, and what writes it. */
export interface Part {
  readonly run: Run;
  readonly path: ResponsePath;
  readonly context: DeliveryContext;
  readonly complete: Complete<OutputState>;
  readonly value: unknown;
  readonly row: number;
}

export interface WrittenPart {
  readonly outcome: TaskOutcome;
  readonly work: Work;
}

const NOTHING: Work = { groups: [], tasks: [], streams: [] };

/** Writes a part whose values are there. It waits only for promises that the output itself comes upon. */
export function writePart({ run, path, context, complete, value, row }: Part): PromiseOrValue<WrittenPart> {
  const state = new OutputState(run);
  const deliveries = new Deliveries(run.choice as DeliveryChoice, context);
  state.deliveries = deliveries;
  const write = (): unknown => {
    path.forEach((key, depth) => {
      state.path[depth] = key;
    });
    state.depth = path.length;
    return complete(state, value, row);
  };
  const finish = (_state: OutputState, data: unknown): WrittenPart => {
    const { errors } = state;
    if (data !== BUBBLE) return { outcome: { kind: 'data', data, errors }, work: deliveries };
    deliveries.drop([]);
    return failed(errors[errors.length - 1]);
  };
  try {
    const written = untilSettled(state, write, finish);
    return isPromiseLike(written) ? written.then(undefined, failed) : written;
  } catch (error) {
    return failed(error);
  }
}

/** Even a defect of planql itself ends in an error of the response. */
function failed(error: unknown): WrittenPart {
  return { outcome: { kind: 'failed', error: locatedError(error, undefined) }, work: NOTHING };
}

/** An error of the list at a path. */
export function listError(run: Run, place: FieldPlace, path: ResponsePath, error: unknown): unknown {
  const state = new OutputState(run);
  state.path.push(...path);
  state.depth = path.length;
  state.fail(place, error, true);
  return state.errors[0];
}
