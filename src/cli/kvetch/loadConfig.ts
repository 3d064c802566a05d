import { existsSync } from 'node:fs';
import type { KvetchOptions } from '../../kvetch/createKvetch.ts';
import type { MysqlCluster } from '../../kvetch/mysql/MysqlCluster.ts';
import { UsageError } from '../Command.ts';
import { importModule } from '../importModule.ts';

/** The default export of a configuration module: the options of `createKvetch`. */
export type Config = KvetchOptions;

const names = ['kvetch.config.js', 'kvetch.config.mjs', 'kvetch.config.ts'];

/** Imports the configuration that was named, or one in the working directory. */
export async function loadConfig(given: string | undefined): Promise<Config> {
  const path = given ?? names.find((name) => existsSync(name));
  if (path === undefined)
    throw new UsageError(`There is no ${names.join(', ')} here: name the configuration with --config <file>.`);
  if (!existsSync(path)) throw new UsageError(`The configuration "${path}" does not exist.`);
  const module = (await importModule(path)) as { readonly default?: Config };
  const config = module.default;
  if (typeof config !== 'object' || config === null || !('schema' in config) || !('shards' in config)) {
    throw new UsageError(
      `The default export of "${path}" must be the options of createKvetch: { schema, shards: mysqlCluster(…) }.`,
    );
  }
  return config;
}

export function isCluster(shards: Config['shards']): shards is MysqlCluster {
  return !Array.isArray(shards) && 'move' in shards;
}

/** The cluster of a configuration. Typed only: the command itself brings in no driver. */
export function clusterOf({ shards }: Config): MysqlCluster {
  if (isCluster(shards)) return shards;
  throw new UsageError('"shards" of the configuration must be made by mysqlCluster(…) for this command.');
}
