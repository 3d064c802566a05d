import { grafanaDashboard } from '../../telemetry/grafanaDashboard.ts';
import type { Command } from '../Command.ts';
import { parseOptions } from '../readOptions.ts';

/** Needs no store, so it is no `Action`. */
export const dashboard: Command = {
  words: ['dashboard'],
  usage: 'Prints a Grafana dashboard over the counters of prometheusCounters(), as JSON to import.',
  async run(args, print) {
    parseOptions(args, {});
    print(JSON.stringify(grafanaDashboard(), null, 2));
    return 0;
  },
};
