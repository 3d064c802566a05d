import { errorOf } from '../errors/errorOf.ts';
import type { ResponseForm } from '../execution/writer/completeRun.ts';
import { aroundBoth } from '../telemetry/beside.ts';
import { type OperationMessage, operationChannel, type StepObserver } from '../telemetry/channels.ts';
import { emitWarning } from '../utils/emitWarning.ts';
import type { PreparedRequest, RefusedRequest } from './EngineOptions.ts';
import type { RequestArgs } from './RequestArgs.ts';

/** How the request of an operation is prepared. */
interface Preparing {
  /** How many plans were made so far. */
  readonly misses: () => number;
  prepare(args: RequestArgs, observer: StepObserver | null): PreparedRequest | RefusedRequest;
}

/** Runs an operation while telling of it on the channel of operations. */
export function tellOperation<T>(
  engine: object,
  kind: OperationMessage['kind'],
  args: RequestArgs,
  { misses, prepare }: Preparing,
  run: (prepared: PreparedRequest | RefusedRequest, told: OperationMessage) => T,
): T {
  const { document, operationName = null, variableValues = null } = args;
  // Written out: spreads would take longer than all else here.
  const told: OperationMessage = {
    engine,
    kind,
    document,
    operationName,
    variableValues,
    observer: null,
    around: null,
    plan: null,
    planMs: 0,
    isPlanCached: false,
    writeMs: null,
  };
  return operationChannel.trace(told, () => {
    const before = misses();
    const began = performance.now();
    const own = told.around === null ? args : { ...args, around: aroundBoth(args.around ?? null, told.around) };
    const prepared = prepare(own, told.observer === null ? null : new HarmlessObserver(told.observer));
    told.planMs = performance.now() - began;
    told.isPlanCached = misses() === before;
    if ('prepared' in prepared) told.plan = prepared.prepared.plan;
    return run(prepared, told);
  });
}

/** A form that notes how long writing takes; without listeners, the form itself. */
export function timedForm<TResponse>(
  form: ResponseForm<TResponse>,
  told: OperationMessage | null,
): ResponseForm<TResponse> {
  if (told === null) return form;
  let began = 0;
  return {
    root: form.root,
    begin(driver) {
      began = performance.now();
      return form.begin(driver);
    },
    whole(state, data) {
      const response = form.whole(state, data);
      told.writeMs = performance.now() - began;
      return response;
    },
    extend: (response, extensions) => form.extend(response, extensions),
    series: (linked) => form.series(linked),
  };
}

/** A listener that throws: its error must reach neither the request nor others that share its calls. */
class HarmlessObserver implements StepObserver {
  readonly #observer: StepObserver;

  constructor(observer: StepObserver) {
    this.#observer = observer;
  }

  onCall(...told: Parameters<StepObserver['onCall']>): void {
    try {
      this.#observer.onCall(...told);
    } catch (error) {
      emitWarning(errorOf(error));
    }
  }

  onTrace(step: number, name: string, value: number | string): void {
    try {
      this.#observer.onTrace(step, name, value);
    } catch (error) {
      emitWarning(errorOf(error));
    }
  }
}
