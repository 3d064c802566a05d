import type { GraphQLError } from 'graphql';
import type { PromiseOrValue } from '../../utils/MaybePromise.ts';
import type { Progress } from '../driver/Progress.ts';
import { watchForAbort } from '../driver/watchForAbort.ts';
import type { LinkedPlan } from '../link/LinkedPlan.ts';
import type { Request } from '../state/Request.ts';
import { abortedError, isRejected } from '../writer/abortedError.ts';
import { compilerFor, completeInSeries, completeRun, type ResponseForm } from '../writer/completeRun.ts';
import { answer } from '../writer/executePlan.ts';
import { BUBBLE, ResponseState } from '../writer/ResponseState.ts';
import { type ObjectResponse, objectForm } from '../writer/responseForms.ts';
import { Deliveries } from './Deliveries.ts';
import { Delivery } from './Delivery.ts';
import { DeliveryQueue, type Work } from './DeliveryQueue.ts';
import { firstRun, type IncrementalRun } from './IncrementalRun.ts';
import { INITIAL } from './laterParts.ts';
import { mayBeginLater } from './mayBeginLater.ts';
import {
  type IncrementalFormatName,
  type InitialPayload,
  incrementalFormats,
  type SubsequentPayload,
} from './responseFormats.ts';

/** A response of several parts. */
export interface IncrementalResponse {
  /** The first part: all that was not deferred. */
  readonly initialResult: InitialPayload;
  /** The later parts. Closing it ends the request. */
  readonly subsequentResults: AsyncGenerator<SubsequentPayload, void, void>;
}

export interface IncrementalOptions {
  readonly format: IncrementalFormatName;
  /** Whether later parts are begun before the client asks for them. */
  readonly isEarly: boolean;
}

/**
 * Like `executePlan`, but delivers `@defer` and `@stream` parts later (rule R18). If there are none, the response is an
 * ordinary one.
 */
export function executeIncrementally(
  linked: LinkedPlan,
  request: Request,
  { format, isEarly }: IncrementalOptions,
): PromiseOrValue<ObjectResponse | IncrementalResponse> {
  if (isRejected(request)) throw request.abortSignal?.reason;
  const run = firstRun(linked, request, isEarly);
  const { driver, lists } = run;
  // Parts that are delivered later are read later.
  driver.state.unwatched.arm();
  const stop = watchForAbort(driver) ?? (() => {});
  const end = (): void => {
    stop();
    lists.readers.close();
  };
  const begin = (work: Work, response: ObjectResponse): ObjectResponse | IncrementalResponse => {
    const queue = new DeliveryQueue();
    queue.add(work);
    if (!mayBeginLater(linked.plan)) {
      lists.closeRests();
      lists.readers.keeps = false;
    }
    if (queue.isEmpty) return response;
    const written = incrementalFormats[format]();
    const events = queue.events;
    queue.events = [];
    const initialResult = { ...response, ...written.begin(events), hasNext: true } as InitialPayload;
    return { initialResult, subsequentResults: new Delivery(run, queue, written, { isEarly, onEnd: end }).payloads() };
  };
  const progress = run.begin();
  const complete = linked.plan.operation === 'mutation' ? completeInSeries : completeRun;
  const form = incrementalForm(run, progress, begin);
  return answer(
    progress.drive(),
    () => complete(driver, form),
    (error) => form.series(linked).end(true, [error]),
    (response) => {
      const rejects = isRejected(request);
      if (!rejects && 'subsequentResults' in response) return response;
      end();
      driver.abort();
      if (rejects) throw abortedError(request.abortSignal?.reason, response);
      return response;
    },
  );
}

type Begin<TResponse> = (work: Work, response: ObjectResponse) => TResponse;

/** Writes the initial response as an object, and begins the delivery of later parts. */
function incrementalForm<TResponse>(
  run: IncrementalRun,
  progress: Progress,
  begin: Begin<TResponse>,
): ResponseForm<TResponse> {
  let context = INITIAL;
  const form: ResponseForm<TResponse> = {
    root: objectForm.root,
    extend: (response) => response,
    begin(driver) {
      const state = new ResponseState(driver);
      state.selection = new Deliveries(run, context);
      state.progress = progress;
      return state;
    },
    whole(state, data) {
      if (data === BUBBLE) state.selection?.drop([]);
      return begin(state.selection as Deliveries, objectForm.whole(state, data));
    },
    series(linked) {
      const fields = objectForm.series(linked);
      const work = new Deliveries(run, INITIAL);
      const root = compilerFor(linked).rootParts();
      context = work.beginMutation(root);
      const { inPlace } = run.partitioner.partition(root.id, INITIAL);
      return {
        isLater: (field) => !inPlace.includes(field),
        add(key, state, value) {
          work.take(state.selection as Deliveries);
          fields.add(key, state, value);
        },
        end(isNull, errors: readonly GraphQLError[]) {
          if (isNull) work.drop([]);
          return begin(work, fields.end(isNull, errors));
        },
      };
    },
  };
  return form;
}
