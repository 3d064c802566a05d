import { endSpan, type MadeSpan, reactiveSpans } from './reactiveSpans.ts';
import { type TraceKind, watch } from './watch.ts';

/** The part of `@opentelemetry/api`'s `Tracer` that is used. */
export interface SpanMaker {
  startSpan(name: string, options: { readonly attributes: Record<string, string | number> }): MadeSpan;
}

type SpanKind = Exclude<TraceKind, 'reactive' | 'invalidation'>;
const spanKinds: readonly SpanKind[] = ['plan', 'step', 'load', 'store', 'operation'];

const names: Readonly<Record<SpanKind, (message: Readonly<Record<string, unknown>>) => string>> = {
  plan: () => 'planql.plan',
  step: ({ op }) => `planql.step ${op}`,
  load: ({ loader }) => `planql.load ${loader}`,
  store: ({ store }) => `planql.store ${store}`,
  operation: () => 'planql.operation',
};

/**
 * Makes a span of each operation, planning, step, load and store call; never of a value. Spans belong to the context that is
 * active then. Reactive requests and invalidations have spans, too: refetches and live runs link to the invalidations that
 * led to them. Returns how to stop.
 *
 * ```ts
 * import { trace } from '@opentelemetry/api';
 * openTelemetry(trace.getTracer('planql'));
 * ```
 */
export function openTelemetry(tracer: SpanMaker): () => void {
  const start = (name: string, attributes: Record<string, string | number>): MadeSpan =>
    tracer.startSpan(name, { attributes });
  const stops = spanKinds.map((kind) =>
    watch(
      {
        begin(_kind, message) {
          const span = start(names[kind](message), attributesOf(kind, message));
          return (error) => endSpan(span, error);
        },
      },
      [kind],
    ),
  );
  stops.push(reactiveSpans(start));
  return () => {
    for (const stop of stops) stop();
  };
}

function attributesOf(kind: SpanKind, message: Readonly<Record<string, unknown>>): Record<string, string | number> {
  const attributes: Record<string, string | number> = {};
  // Most of an operation is not known when it begins.
  const told = kind === 'operation' ? { kind: message.kind, operationName: message.operationName } : message;
  for (const [name, value] of Object.entries(told)) {
    if (typeof value === 'string' || typeof value === 'number') attributes[`planql.${name}`] = value;
    else if (Array.isArray(value)) attributes[`planql.${name}`] = value.join(',');
  }
  return attributes;
}
