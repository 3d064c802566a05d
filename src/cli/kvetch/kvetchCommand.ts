import type { ParseArgsConfig } from 'node:util';
import type { Command } from '../Command.ts';
import { parseOptions } from '../readOptions.ts';
import { type Config, loadConfig } from './loadConfig.ts';

/** The parsed options of a command. */
export type Values = Readonly<Record<string, string | boolean | undefined>>;

/** The work of a command with a store, besides opening and closing it. */
export interface Action {
  readonly summary: string;
  /** The options, one a line; `''` where there are none. */
  readonly help: string;
  readonly options: NonNullable<ParseArgsConfig['options']>;
  /** Returns the exit code. */
  run(config: Config, values: Values, print: (line: string) => void): Promise<number>;
}

const configHelp = '--config <file>  default kvetch.config.js, .mjs or .ts: exports the options of createKvetch';

/** A command over the store of a configuration module. */
export function kvetchCommand(name: string, { summary, help, options, run }: Action): Command {
  const lines = [configHelp, ...help.split('\n').filter((line) => line !== '')];
  return {
    words: [name],
    usage: `${summary}\n${lines.map((line) => `      ${line}`).join('\n')}`,
    async run(args, print) {
      const values = parseOptions(args, { ...options, config: { type: 'string', short: 'c' } }).values as Values;
      const config = await loadConfig(typeof values.config === 'string' ? values.config : undefined);
      try {
        return await run(config, values, print);
      } finally {
        await close(config);
      }
    },
  };
}

async function close({ shards, cache }: Config): Promise<void> {
  const stores = 'stores' in shards ? shards.stores : shards.map((one) => ('store' in one ? one.store : one));
  for (const store of stores) await store.close();
  if (cache != null && 'close' in cache && typeof cache.close === 'function') await cache.close();
}
