import type { FaultPoint } from '../../../src/kvetch/KvetchContext.ts';
import { createKvetch, defineKvetchSchema, type KvetchSchema } from '../../../src/kvetch.ts';
import { mysqlShards } from '../../../src/kvetch-mysql.ts';

/** A tree of objects, whose leaves also have authors. */
export const treeSchema: KvetchSchema = defineKvetchSchema({
  objects: [
    { typeId: 1, name: 'User' },
    { typeId: 2, name: 'List' },
    { typeId: 3, name: 'Item' },
  ],
  edges: [
    { edgeId: 11, name: 'lists', from: 'User', storedOn: 'List', storedIdAttr: 'owner', onDelete: 'delete' },
    { edgeId: 12, name: 'items', from: 'List', storedOn: 'Item', storedIdAttr: 'list', onDelete: 'delete' },
    { edgeId: 13, name: 'written', from: 'User', storedOn: 'Item', storedIdAttr: 'author', onDelete: 'clear' },
  ],
});

/** Deletes a user, and dies behind the so-manieth write from then on. argv: databases, times, id. */
if (process.argv[2] !== undefined) {
  const [databases = '[]', times, id = ''] = process.argv.slice(2);
  let open = Number(times);
  const kvetch = createKvetch({
    schema: treeSchema,
    shards: mysqlShards((JSON.parse(databases) as string[]).map((uri) => ({ uri }))),
    outboxPollMs: 20,
    async faults(at: FaultPoint) {
      if (at !== 'afterObject' || --open > 0) return;
      process.kill(process.pid, 'SIGKILL');
      await new Promise(() => {});
    },
  });
  await kvetch.deleteObject(id);
  setTimeout(() => process.exit(3), 30_000); // it should have died
}
