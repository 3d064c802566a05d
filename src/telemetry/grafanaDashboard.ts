/** A dashboard for the import of Grafana, over the metrics of `prometheusCounters`. */
export interface GrafanaDashboard {
  readonly title: string;
  readonly uid: string;
  readonly schemaVersion: number;
  readonly refresh: string;
  readonly time: { readonly from: string; readonly to: string };
  readonly templating: { readonly list: readonly object[] };
  readonly panels: readonly GrafanaPanel[];
}

export interface GrafanaPanel {
  readonly id: number;
  readonly type: 'timeseries';
  readonly title: string;
  readonly description: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly datasource: { readonly type: string; readonly uid: string };
  readonly targets: ReadonlyArray<{ readonly refId: string; readonly expr: string; readonly legendFormat: string }>;
  readonly fieldConfig: { readonly defaults: { readonly unit: string; readonly min: number }; readonly overrides: [] };
}

interface Graph {
  readonly title: string;
  readonly description: string;
  /** As Grafana names units. */
  readonly unit: string;
  readonly expr: string;
  readonly legend: string;
}

const RATE = '[$__rate_interval]';
const sum = (metric: string, by: string): string => `sum by (${by}) (rate(${metric}{job=~"$job"}${RATE}))`;
const top = (metric: string, by: string): string => `topk(10, ${sum(metric, by)})`;
const ratio = (metric: string, per: string, by: string): string => `${sum(metric, by)} / ${sum(per, by)}`;

/** The graphs of a row have one subject. */
const rows: ReadonlyArray<readonly Graph[]> = [
  [
    graph(
      'Operations planned',
      'New plans: after warming up there are few.',
      'ops',
      sum('planql_plan_calls_total', 'job'),
      '{{job}}',
    ),
    graph(
      'Time a plan',
      'Planning takes the event loop.',
      's',
      ratio('planql_plan_seconds_total', 'planql_plan_calls_total', 'job'),
      '{{job}}',
    ),
    graph(
      'Errors',
      'Plans, loads and calls to stores that failed.',
      'ops',
      sum('planql_plan_errors_total', 'job').concat(
        ` + ${sum('planql_load_errors_total', 'job')} + ${sum('planql_store_errors_total', 'job')}`,
      ),
      '{{job}}',
    ),
  ],
  [
    graph(
      'Calls to stores',
      'One a server and step at most.',
      'ops',
      sum('planql_store_calls_total', 'store'),
      '{{store}}',
    ),
    graph(
      'Time a call to a store',
      'One server that is slower than the others has hot shards, or a full disk.',
      's',
      ratio('planql_store_seconds_total', 'planql_store_calls_total', 'store'),
      '{{store}}',
    ),
    graph(
      'Keys a call to a store',
      'Below ten for hot steps: requests could share calls (batching).',
      'short',
      ratio('planql_store_keys_total', 'planql_store_calls_total', 'store'),
      '{{store}}',
    ),
    graph(
      'Failed calls to stores',
      'A server that is down, or does not answer in time.',
      'ops',
      sum('planql_store_errors_total', 'store'),
      '{{store}}',
    ),
  ],
  [
    graph(
      'Loads',
      'The ten loaders that are called most.',
      'ops',
      top('planql_load_calls_total', 'loader'),
      '{{loader}}',
    ),
    graph(
      'Time a load',
      'By loader.',
      's',
      ratio('planql_load_seconds_total', 'planql_load_calls_total', 'loader'),
      '{{loader}}',
    ),
    graph(
      'Keys a load',
      'By loader.',
      'short',
      ratio('planql_load_keys_total', 'planql_load_calls_total', 'loader'),
      '{{loader}}',
    ),
  ],
  [
    graph(
      'Keys started ahead',
      'Before their turn, by the ten loaders with most.',
      'ops',
      top('planql_load_ahead_keys_total', 'loader'),
      '{{loader}}',
    ),
    graph(
      'Used of these',
      'The share that somebody needed; the rest was thrown away.',
      'percentunit',
      ratio('planql_load_ahead_used_keys_total', 'planql_load_ahead_keys_total', 'loader'),
      '{{loader}}',
    ),
  ],
  [
    graph(
      'Time in steps',
      'Seconds a second: the ten steps that take most.',
      'short',
      top('planql_step_seconds_total', 'op'),
      '{{op}}',
    ),
    graph('Rows in steps', 'The ten steps with most rows.', 'ops', top('planql_step_rows_total', 'op'), '{{op}}'),
    graph(
      'Failed steps',
      'Steps that threw, or had rows that failed.',
      'ops',
      top('planql_step_errors_total', 'op'),
      '{{op}}',
    ),
  ],
  [
    graph(
      'Operations',
      'By the function of the engine.',
      'ops',
      sum('planql_operation_calls_total', 'kind'),
      '{{kind}}',
    ),
    graph(
      'Time an operation',
      'Those with later parts or events: until these can begin.',
      's',
      ratio('planql_operation_seconds_total', 'planql_operation_calls_total', 'kind'),
      '{{kind}}',
    ),
    graph(
      'Operations that threw',
      'Aborts, and operations that cannot be run at all. Errors of fields are no part of it.',
      'ops',
      sum('planql_operation_errors_total', 'kind').concat(
        ` + ${sum('planql_reactive_errors_total', 'kind')} + ${sum('planql_invalidation_errors_total', 'kind')}`,
      ),
      '{{kind}}',
    ),
  ],
  [
    graph(
      'Requests with dependencies',
      'First requests, refetches, runs of live queries.',
      'ops',
      sum('planql_reactive_calls_total', 'kind'),
      '{{kind}}',
    ),
    graph(
      'Time a request with dependencies',
      'With the read of versions.',
      's',
      ratio('planql_reactive_seconds_total', 'planql_reactive_calls_total', 'kind'),
      '{{kind}}',
    ),
    graph(
      'Keys of responses',
      'Keys that responses depend on: partial ones have sources that name none.',
      'ops',
      sum('planql_dependency_keys_total', 'status'),
      '{{status}}',
    ),
  ],
  [
    graph('Invalidations', 'Batches of changed keys.', 'ops', sum('planql_invalidation_calls_total', 'job'), '{{job}}'),
    graph(
      'Keys an invalidation',
      'Many: writes that change much, or broad indexes.',
      'short',
      ratio('planql_invalidation_names_total', 'planql_invalidation_calls_total', 'job'),
      '{{job}}',
    ),
    graph(
      'Time an invalidation',
      'Writers wait for it.',
      's',
      ratio('planql_invalidation_seconds_total', 'planql_invalidation_calls_total', 'job'),
      '{{job}}',
    ),
    graph(
      'Told of changes',
      'Sets of keys on sockets, in polls, of live queries.',
      'ops',
      sum('planql_propagation_told_total', 'watch'),
      '{{watch}}',
    ),
  ],
];

function graph(title: string, description: string, unit: string, expr: string, legend: string): Graph {
  return { title, description, unit, expr, legend };
}

const WIDTH = 24;
const HEIGHT = 8;

/** Makes the dashboard; `kvetch dashboard` prints it. */
export function grafanaDashboard(): GrafanaDashboard {
  const panels = rows.flatMap((graphs, row) =>
    graphs.map(({ title, description, unit, expr, legend }, at): GrafanaPanel => {
      const w = WIDTH / graphs.length;
      return {
        ...{ id: row * 10 + at + 1, type: 'timeseries', title, description },
        gridPos: { x: at * w, y: row * HEIGHT, w, h: HEIGHT },
        datasource: { type: 'prometheus', uid: '$datasource' },
        targets: [{ refId: 'A', expr, legendFormat: legend }],
        fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
      };
    }),
  );
  return {
    ...{ title: 'planql', uid: 'planql', schemaVersion: 39, refresh: '30s', time: { from: 'now-1h', to: 'now' } },
    templating: {
      list: [
        { name: 'datasource', type: 'datasource', query: 'prometheus', label: 'Prometheus' },
        {
          ...{ name: 'job', type: 'query', label: 'Job', multi: true, includeAll: true, allValue: '.*' },
          datasource: { type: 'prometheus', uid: '$datasource' },
          query: 'label_values(planql_plan_calls_total, job)',
          refresh: 2,
          current: { text: 'All', value: '$__all' },
        },
      ],
    },
    panels,
  };
}
