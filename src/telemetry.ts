export { grafanaDashboard } from './telemetry/grafanaDashboard.ts';
export { openTelemetry } from './telemetry/openTelemetry.ts';
export { type PrometheusCounters, prometheusCounters } from './telemetry/prometheus.ts';
export { channels } from './telemetry/publicChannels.ts';
export { watch } from './telemetry/watch.ts';
