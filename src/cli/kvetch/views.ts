import { viewsOf } from '../../kvetch/mysql/views.ts';
import { UsageError } from '../Command.ts';
import type { Action } from './kvetchCommand.ts';
import { clusterOf } from './loadConfig.ts';

export const views: Action = {
  summary: 'Prints SQL views that show objects as tables, edges as pairs and indexes as values.',
  help: `  --apply          makes them on every server; each shows its own objects
  --prefix <text>  what their names begin with, default kv_`,
  options: { apply: { type: 'boolean' }, prefix: { type: 'string' } },
  async run(config, values, print) {
    const prefix = typeof values.prefix === 'string' ? values.prefix : 'kv_';
    if (!/^[a-z0-9_]{0,20}$/.test(prefix))
      throw new UsageError(`--prefix is "${prefix}" and must be at most 20 of a-z, 0-9 and _.`);
    const all = viewsOf(config.schema, prefix);
    if (values.apply !== true) {
      for (const { sql } of all) print(`${sql};\n`);
      return 0;
    }
    for (const store of clusterOf(config).stores) {
      const database = await store.database();
      for (const { sql } of all) await database.write((session) => session.write(sql));
      print(`${store.name}: ${all.map(({ name }) => name).join(', ')}`);
    }
    return 0;
  },
};
