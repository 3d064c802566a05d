import type { Action } from './kvetchCommand.ts';
import { rangesText } from './rangesText.ts';
import { storesOf } from './storesOf.ts';

export const init: Action = {
  summary: 'Creates tables in every store, and divides the shards of a cluster if that was not done yet.',
  help: 'It can be repeated: existing tables stay. A server that is new in a cluster gets tables and no shards.',
  options: {},
  async run(config, _values, print) {
    const known = storesOf(config);
    if (known.kind === 'cluster') await known.cluster.init();
    else if (known.kind === 'mysql') for (const store of known.stores) await store.restoreTables();
    // files of SQLite have their tables from when they were opened
    const ranges = known.kind === 'cluster' ? await known.cluster.loadRanges() : known.ranges;
    for (const line of rangesText(ranges)) print(line);
    return 0;
  },
};
