export {
  type DocumentMessage,
  documentChannel,
  type LoadMessage,
  loadChannel,
  type OperationMessage,
  operationChannel,
  type PlanMessage,
  planChannel,
  type StepMessage,
  type StepObserver,
  type StoreMessage,
  stepChannel,
  storeChannel,
} from './telemetry/channels.ts';
export { type GrafanaDashboard, type GrafanaPanel, grafanaDashboard } from './telemetry/grafanaDashboard.ts';
export { openTelemetry, type SpanMaker } from './telemetry/openTelemetry.ts';
export type { PlainChannel } from './telemetry/plainChannel.ts';
export { type MetricRegistry, type PrometheusCounters, prometheusCounters } from './telemetry/prometheus.ts';
export {
  type DependencyMessage,
  dependencyChannel,
  type InvalidationMessage,
  invalidationChannel,
  type PropagationMessage,
  propagationChannel,
  type ReactiveMessage,
  reactiveChannel,
} from './telemetry/reactiveChannels.ts';
export type { MadeSpan, SpanPlace } from './telemetry/reactiveSpans.ts';
export type { Traceable, Traced } from './telemetry/traceable.ts';
export { type TraceKind, type Watcher, watch } from './telemetry/watch.ts';
