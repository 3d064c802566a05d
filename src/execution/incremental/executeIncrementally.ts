import type { GraphQLError } from 'graphql';
import type { PromiseOrValue } from '../../utils/MaybePromise.ts';
import { answer, watchForAbort } from '../executePlan.ts';
import type { LinkedPlan } from '../link/LinkedPlan.ts';
import { completeInSeries, completeRun, type ResponseForm } from '../output/completeRun.ts';
import { BUBBLE, OutputState } from '../output/OutputState.ts';
import { objectWriter } from '../output/objectWriter.ts';
import { type ObjectResponse, objectForm } from '../output/responseForms.ts';
import type { Request } from '../Request.ts';
import { Run } from '../Run.ts';
import { Deliveries, INITIAL } from './Deliveries.ts';
import { closeRests, Delivery } from './Delivery.ts';
import type { DeliveryChoice } from './DeliveryChoice.ts';
import { DeliveryQueue, type Work } from './DeliveryQueue.ts';
import { Readers } from './ItemReader.ts';
import {
  type IncrementalFormatName,
  type InitialPayload,
  incrementalFormats,
  type SubsequentPayload,
} from './responseFormats.ts';

/** A response of several parts. */
export interface IncrementalResponse {
  readonly initialResult: InitialPayload;
  readonly subsequentResults: AsyncGenerator<SubsequentPayload, void, void>;
}

/**
 * Like `executePlan`, with what `@defer` and `@stream` ask for delivered later (rule R18). Where nothing is left for
 * later the response is an ordinary one.
 */
export function executeIncrementally(
  linked: LinkedPlan,
  request: Request,
  format: IncrementalFormatName,
): PromiseOrValue<ObjectResponse | IncrementalResponse> {
  const run = new Run(linked, request, 'all', undefined, new Readers(linked.plan.defers.length > 0));
  const stop = watchForAbort(run) ?? (() => {});
  const end = (): void => {
    stop();
    run.readers?.close();
  };
  const begin = (work: Work, response: ObjectResponse): ObjectResponse | IncrementalResponse => {
    const queue = new DeliveryQueue();
    queue.add(work);
    if (linked.plan.defers.length === 0) closeRests(run);
    if (queue.isEmpty) return response;
    const written = incrementalFormats[format]();
    const events = queue.events;
    queue.events = [];
    const initialResult = { ...response, ...written.begin(events), hasNext: true } as InitialPayload;
    return { initialResult, subsequentResults: new Delivery(run, queue, written, end).payloads() };
  };
  const going = run.drive();
  const complete = linked.plan.operation === 'mutation' ? completeInSeries : completeRun;
  const form = incrementalForm(run, begin);
  return answer(
    going,
    () => complete(run, form),
    (error) => form.series().end(true, [error]),
    (response) => {
      if ('subsequentResults' in response) return;
      end();
      run.abort();
    },
  );
}

type Begin<TResponse> = (work: Work, response: ObjectResponse) => TResponse;

/** Writes the initial response as an object, and goes on with what it leaves. */
function incrementalForm<TResponse>(run: Run, begin: Begin<TResponse>): ResponseForm<OutputState, TResponse> {
  const choice = run.choice as DeliveryChoice;
  return {
    writer: objectWriter,
    begin() {
      const state = new OutputState(run);
      state.deliveries = new Deliveries(choice, INITIAL);
      return state;
    },
    whole(state, data) {
      if (data === BUBBLE) state.deliveries?.drop([]);
      return begin(state.deliveries as Deliveries, objectForm.whole(state, data));
    },
    series() {
      const fields = objectForm.series();
      const work = new Deliveries(choice, INITIAL);
      return {
        add(key, state, value) {
          work.take(state.deliveries as Deliveries);
          fields.add(key, state, value);
        },
        end(isNull, errors: readonly GraphQLError[]) {
          if (isNull) work.drop([]);
          return begin(work, fields.end(isNull, errors));
        },
      };
    },
  };
}
