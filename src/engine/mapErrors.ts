import type { GraphQLError } from 'graphql';
import type { ResponseForm } from '../execution/writer/completeRun.ts';
import type { RefusedRequest } from './EngineOptions.ts';
import type { RequestArgs } from './RequestArgs.ts';

type MapError = RequestArgs['mapError'];

/** A form whose errors are mapped before they are written. */
export function mappedForm<TResponse>(form: ResponseForm<TResponse>, mapError: MapError): ResponseForm<TResponse> {
  if (mapError === undefined) return form;
  const mapped = (errors: readonly GraphQLError[]): GraphQLError[] => errors.map((error) => mapError(error));
  return {
    ...form,
    whole(state, data) {
      state.errors = mapped(state.errors);
      return form.whole(state, data);
    },
    series(linked) {
      const collector = form.series(linked);
      return { ...collector, end: (isNull, errors) => collector.end(isNull, mapped(errors)) };
    },
  };
}

/** The errors of a request that was refused, mapped. */
export function mappedRefusal(refused: RefusedRequest, mapError: MapError): RefusedRequest {
  if (mapError === undefined) return refused;
  return { ...refused, errors: refused.errors.map((error) => mapError(error)) };
}
