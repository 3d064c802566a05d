import { getOrCreate } from '../utils/getOrCreate.ts';
import { counting } from './counting.ts';
import { dependencyChannel, propagationChannel } from './reactiveChannels.ts';
import { type TraceKind, watch } from './watch.ts';

/** Counters of all that planql did in this process since they were made. */
export interface PrometheusCounters {
  /** The counters in Prometheus' text format. */
  text(): string;
  /** Adds the counters to a `Registry` of prom-client, which reads them whenever it is read itself. */
  registerIn(registry: MetricRegistry): void;
  /** Ends counting. */
  stop(): void;
}

/** The part of prom-client's `Registry` that is used. */
export interface MetricRegistry {
  registerMetric(metric: never): void;
}

interface Family {
  readonly name: string;
  readonly help: string;
  /** Null: it has one value. */
  readonly label: string | null;
  readonly values: () => ReadonlyArray<readonly [label: string, count: number]>;
}

interface Counted {
  calls: number;
  seconds: number;
  items: number;
  errors: number;
}

/** By kind: the label that tells its calls apart, and the counted items. */
const kinds: Readonly<Record<TraceKind, { readonly label: string | null; readonly items: string | null }>> = {
  plan: { label: null, items: null },
  step: { label: 'op', items: 'rows' },
  load: { label: 'loader', items: 'keys' },
  store: { label: 'store', items: 'keys' },
  operation: { label: 'kind', items: null },
  reactive: { label: 'kind', items: null },
  invalidation: { label: null, items: 'names' },
};

const traceKinds: readonly TraceKind[] = ['plan', 'step', 'load', 'store', 'operation', 'reactive', 'invalidation'];
/** Those that are published on channels alone. */
const watched: readonly TraceKind[] = ['plan', 'store', 'operation', 'reactive', 'invalidation'];

/**
 * Counts operations, plans, steps by op, loads by loader, store calls, requests with dependencies and invalidations: how
 * often, how long, with how many rows or keys. Labels are names of the application's code and of servers, and never keys: at
 * most 1,000 of each kind, and `other` for later ones.
 */
export function prometheusCounters(): PrometheusCounters {
  const counted: Record<TraceKind, Map<string, Counted>> = {
    plan: new Map(),
    step: new Map(),
    load: new Map(),
    store: new Map(),
    operation: new Map(),
    reactive: new Map(),
    invalidation: new Map(),
  };
  const spread = new Spread();
  const ahead = new Map<string, AheadCounted>();
  const count = (kind: TraceKind, name: string, items: number, milliseconds: number): Counted => {
    const counter = counterOf(counted[kind], name);
    counter.calls++;
    counter.seconds += milliseconds / 1000;
    counter.items += items;
    return counter;
  };
  const stopCounting = counting.add({
    call: count,
    failure(kind, name) {
      counterOf(counted[kind], name).errors++;
    },
    ahead(loader, started, used) {
      const counter = getOrCreate(ahead, nameIn(ahead, loader), () => ({ started: 0, used: 0 }));
      counter.started += started;
      counter.used += used;
    },
  });
  const stopWatching = watch(
    {
      begin(kind, message) {
        const { label, items } = kinds[kind];
        const started = performance.now();
        return (error) => {
          const name = label === null ? '' : String(message[label]);
          const number = items === null ? 0 : countOf(message[items]);
          const counter = count(kind, name, number, performance.now() - started);
          if (error !== undefined) counter.errors++;
        };
      },
    },
    watched,
  );
  const families = [
    ...traceKinds.flatMap((kind) => familiesOf(kind, counted)),
    ...aheadFamilies(ahead),
    ...spread.families,
  ];
  return {
    text: () => families.map(linesOf).join(''),
    registerIn(registry) {
      for (const family of families) registry.registerMetric(metricOf(family) as never);
    },
    stop() {
      stopCounting();
      stopWatching();
      spread.stop();
    },
  };
}

/** A number, or the length of a list. */
function countOf(items: unknown): number {
  return Array.isArray(items) ? items.length : Number(items);
}

/** How many keys responses depend on, and how many were told of changes. */
class Spread {
  readonly #keys = new Map<string, number>();
  readonly #told = new Map<string, number>();
  readonly #stops = [
    dependencyChannel.listen(({ status, keys }) => add(this.#keys, status, keys.length)),
    propagationChannel.listen(({ told }) => {
      for (const [kind, count] of Object.entries(told)) add(this.#told, kind, count);
    }),
  ];

  get families(): readonly Family[] {
    return [
      {
        ...{ name: 'planql_dependency_keys_total', help: 'Keys that responses depend on.', label: 'status' },
        values: () => [...this.#keys],
      },
      {
        ...{ name: 'planql_propagation_told_total', help: 'Sets of keys whose clients were told.', label: 'watch' },
        values: () => [...this.#told],
      },
    ];
  }

  stop(): void {
    for (const stop of this.#stops) stop();
  }
}

function add(counts: Map<string, number>, name: string, count: number): void {
  counts.set(name, (counts.get(name) ?? 0) + count);
}

/** So many names are told apart; calls of later ones are counted together, as names that are made while requests run never end. */
const MAX_NAMES = 1000;
const LATER = 'other';

function nameIn(counters: ReadonlyMap<string, unknown>, name: string): string {
  return counters.has(name) || counters.size < MAX_NAMES ? name : LATER;
}

function counterOf(counters: Map<string, Counted>, name: string): Counted {
  const key = nameIn(counters, name);
  let counter = counters.get(key);
  if (counter === undefined) {
    counter = { calls: 0, seconds: 0, items: 0, errors: 0 };
    counters.set(key, counter);
  }
  return counter;
}

/** The counters of one kind, and their values by the label's. */
function familiesOf(kind: TraceKind, counted: Readonly<Record<TraceKind, ReadonlyMap<string, Counted>>>): Family[] {
  const { label, items } = kinds[kind];
  const properties: ReadonlyArray<readonly [keyof Counted, string]> = [
    ['calls', 'calls'],
    ['seconds', 'seconds'],
    ['errors', 'errors'],
    ...(items === null ? [] : [['items', items] as const]),
  ];
  return properties.map(([property, noun]) => ({
    name: `planql_${kind}_${noun}_total`,
    help: `${noun[0]?.toUpperCase()}${noun.slice(1)} of planql, of the kind "${kind}".`,
    label,
    values: () => [...counted[kind]].map(([value, counter]) => [value, counter[property]] as const),
  }));
}

function linesOf({ name, label, values }: Family): string {
  const lines = values().map(([value, count]) => {
    const labels = label === null ? '' : `{${label}="${escapeLabel(value)}"}`;
    return `${name}${labels} ${count}\n`;
  });
  return `# TYPE ${name} counter\n${lines.join('')}`;
}

/** A counter as prom-client asks for it whenever the registry is read. */
function metricOf({ name, help, label, values }: Family): object {
  const read = () => ({
    ...{ name, help, type: 'counter', aggregator: 'sum' },
    values: values().map(([value, count]) => ({ value: count, labels: label === null ? {} : { [label]: value } })),
  });
  return { name, help, type: 'counter', aggregator: 'sum', get: async () => read() };
}

interface AheadCounted {
  started: number;
  used: number;
}

/** Keys that were started ahead of their turn, and those of them that were needed; the others were thrown away. */
function aheadFamilies(ahead: ReadonlyMap<string, AheadCounted>): readonly Family[] {
  const family = (name: string, help: string, property: keyof AheadCounted): Family => ({
    ...{ name, help, label: 'loader' },
    values: () => [...ahead].map(([loader, counter]) => [loader, counter[property]] as const),
  });
  return [
    family('planql_load_ahead_keys_total', 'Keys that loads started before their turn.', 'started'),
    family('planql_load_ahead_used_keys_total', 'Those of them that somebody needed.', 'used'),
  ];
}

function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
