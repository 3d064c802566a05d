import type { Action } from './kvetchCommand.ts';
import { clusterOf } from './loadConfig.ts';
import { rangesText } from './rangesText.ts';

export const init: Action = {
  summary: 'Creates tables on every server, and divides the shards if nobody has them yet.',
  help: 'It can be repeated: what is there stays. A server that is new in the configuration gets tables and no shards.',
  options: {},
  async run(config, _values, print) {
    const cluster = clusterOf(config);
    await cluster.init();
    for (const line of rangesText(await cluster.loadRanges())) print(line);
    return 0;
  },
};
