import { AsyncLocalStorage } from 'node:async_hooks';
import { errorOf } from '../errors/errorOf.ts';
import { propertiesOf } from '../utils/propertiesOf.ts';
import { dependencyChannel, invalidationChannel, type ReactiveMessage, reactiveChannel } from './reactiveChannels.ts';

/** The part of a span's context that is used: OpenTelemetry's `SpanContext` has it. */
export interface SpanPlace {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceFlags: number;
}

/** The part of `@opentelemetry/api`'s `Span` that is used. */
export interface MadeSpan {
  recordException(error: Error): void;
  setStatus(status: { code: number }): unknown;
  end(): void;
  spanContext?(): SpanPlace;
  /** Since version 1.9. Without it spans have no links. */
  addLink?(link: { readonly context: SpanPlace }): unknown;
}

type StartSpan = (name: string, attributes: Record<string, string | number>) => MadeSpan;

interface Running extends ReactiveMessage {
  readonly span: MadeSpan;
}

const ERROR = 2;
const MAX_LINKS = 10;
/** The spans of so many changes are remembered. */
const REMEMBERED = 1000;

/** Ends a span, as failed where there is an error. */
export function endSpan(span: MadeSpan, error: unknown): void {
  if (error !== undefined) {
    span.recordException(errorOf(error));
    span.setStatus({ code: ERROR });
  }
  span.end();
}

/**
 * Makes spans of requests with dependencies and of invalidations. Refetches and live runs link to the invalidations of this
 * process that they come from: these lie in the traces of the mutations. Returns how to stop.
 */
export function reactiveSpans(start: StartSpan): () => void {
  const running = new AsyncLocalStorage<Running>();
  const made = new Map<string, SpanPlace>();
  const remember = (batch: string, place: SpanPlace): void => {
    made.set(batch, place);
    const [oldest] = made.keys();
    if (made.size > REMEMBERED && oldest !== undefined) made.delete(oldest);
  };
  const stops = [
    reactiveChannel.bind(running, ({ kind, after }) => {
      return { kind, after, span: start(`planql.reactive ${kind}`, { 'planql.kind': kind }) };
    }),
    reactiveChannel.listen((message) => {
      const span = running.getStore()?.span;
      return () => span && endSpan(span, message.error);
    }),
    invalidationChannel.listen((message) => {
      const span = start('planql.invalidation', { 'planql.keys': message.names.length });
      return () => {
        const { epoch, seq } = propertiesOf(message.result);
        const place = span.spanContext?.();
        if (place !== undefined) remember(`${epoch}:${seq}`, place);
        endSpan(span, message.error);
      };
    }),
    dependencyChannel.listen(({ epoch, states }) => {
      const { kind, after, span } = running.getStore() ?? {};
      if (span?.addLink === undefined || after === undefined || (kind !== 'refetch' && kind !== 'live')) return;
      const batches = [...new Set(states.map(({ seq }) => seq))].filter((seq) => seq > after).sort((a, b) => b - a);
      // A live run is linked to the changes since the one before it; a refetch to the newest change.
      for (const seq of batches.slice(0, kind === 'live' ? MAX_LINKS : 1)) {
        const context = made.get(`${epoch}:${seq}`);
        if (context !== undefined) span.addLink({ context });
      }
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
