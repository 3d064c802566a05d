import { errorOf } from '../errors/errorOf.ts';
import { type TraceKind, type Watcher, watch } from './watch.ts';

/** The part of `@opentelemetry/api`'s `Tracer` that is used. */
export interface SpanMaker {
  startSpan(
    name: string,
    options: { readonly attributes: Record<string, string | number> },
  ): { recordException(error: Error): void; setStatus(status: { code: number }): unknown; end(): void };
}

const ERROR = 2;

const names: Readonly<Record<TraceKind, (message: Readonly<Record<string, unknown>>) => string>> = {
  plan: () => 'planql.plan',
  step: ({ op }) => `planql.step ${op}`,
  load: ({ loader }) => `planql.load ${loader}`,
  store: ({ store }) => `planql.store ${store}`,
};

/**
 * Makes a span of each planning, step, load and store call; never of a value. Spans belong to the context that is active
 * then. Returns how to stop.
 *
 * ```ts
 * import { trace } from '@opentelemetry/api';
 * openTelemetry(trace.getTracer('planql'));
 * ```
 */
export function openTelemetry(tracer: SpanMaker): () => void {
  const watcher: Watcher = {
    begin(kind, message) {
      const span = tracer.startSpan(names[kind](message), { attributes: attributesOf(message) });
      return (error) => {
        if (error !== undefined) {
          span.recordException(errorOf(error));
          span.setStatus({ code: ERROR });
        }
        span.end();
      };
    },
  };
  return watch(watcher);
}

function attributesOf(message: Readonly<Record<string, unknown>>): Record<string, string | number> {
  const attributes: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(message)) {
    if (typeof value === 'string' || typeof value === 'number') attributes[`planql.${name}`] = value;
    else if (Array.isArray(value)) attributes[`planql.${name}`] = value.join(',');
  }
  return attributes;
}
