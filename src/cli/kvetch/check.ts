import { checkCluster } from '../../kvetch/mysql/checkCluster.ts';
import type { Action } from './kvetchCommand.ts';
import { storesOf } from './storesOf.ts';

export const check: Action = {
  summary: 'Verifies stores, tables and shard map, and lists all problems.',
  help: 'The exit code is 1 when there are problems. The schema is checked when the configuration is loaded.',
  options: {},
  async run(config, _values, print) {
    const known = storesOf(config);
    const problems =
      known.kind === 'sqlite' ? known.stores.flatMap((store) => store.check()) : await checkCluster(known.stores);
    for (const problem of problems) print(problem);
    print(problems.length === 0 ? 'All is well.' : `${problems.length} problem(s).`);
    return problems.length === 0 ? 0 : 1;
  },
};
