export {
  documentChannel,
  loadChannel,
  operationChannel,
  planChannel,
  stepChannel,
  storeChannel,
} from './telemetry/channels.ts';
export { grafanaDashboard } from './telemetry/grafanaDashboard.ts';
export { openTelemetry } from './telemetry/openTelemetry.ts';
export { type PrometheusCounters, prometheusCounters } from './telemetry/prometheus.ts';
export {
  dependencyChannel,
  invalidationChannel,
  propagationChannel,
  reactiveChannel,
} from './telemetry/reactiveChannels.ts';
export { watch } from './telemetry/watch.ts';
