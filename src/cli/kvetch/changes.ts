import { createKvetch } from '../../kvetch/createKvetch.ts';
import { KvetchError } from '../../kvetch/errors.ts';
import { untilStopped } from '../untilStopped.ts';
import type { Action } from './kvetchCommand.ts';

export const changes: Action = {
  summary:
    'Prints the committed changes of objects and plain edges that a store with a "changeFeed" keeps: one line of JSON for each.',
  help: `  --from <position>  begins behind the "position" of a line, or "now"; default with the oldest that is kept
  --follow           waits for more`,
  options: { from: { type: 'string' }, follow: { type: 'boolean' } },
  async run(config, values, print) {
    const kvetch = createKvetch({ ...config, outboxPollMs: 0 });
    const from = values.from === 'now' ? await kvetch.changePosition() : values.from;
    await untilStopped(async (signal) => {
      const start = typeof from === 'string' ? { from } : {};
      for await (const change of kvetch.changes({ ...start, signal, follow: values.follow === true })) {
        print(JSON.stringify(change, inJson));
      }
    });
    return 0;
  },
};

/** Integers beyond 2^53 as text; of a row that cannot be decoded the code of its error. */
function inJson(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  return value instanceof KvetchError ? { error: value.code } : value;
}
