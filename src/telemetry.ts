export {
  type LoadMessage,
  loadChannel,
  type PlanMessage,
  planChannel,
  type StepMessage,
  type StoreMessage,
  stepChannel,
  storeChannel,
} from './telemetry/channels.ts';
export { type GrafanaDashboard, type GrafanaPanel, grafanaDashboard } from './telemetry/grafanaDashboard.ts';
export { openTelemetry, type SpanMaker } from './telemetry/openTelemetry.ts';
export { type MetricRegistry, type PrometheusCounters, prometheusCounters } from './telemetry/prometheus.ts';
export type { Traceable, Traced } from './telemetry/traceable.ts';
export { type TraceKind, type Watcher, watch } from './telemetry/watch.ts';
