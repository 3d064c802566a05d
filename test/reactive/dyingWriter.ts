/**
 * A process that writes to MySQL and is killed behind the commit, before anybody is told. With `point` it writes a unit of
 * the objects `ids` over several servers, and is killed there.
 */
import { pathToFileURL } from 'node:url';
import type { FaultPoint } from '../../src/kvetch/KvetchContext.ts';
import { createKvetch, increment, insertEdge, type UnitMember, update } from '../../src/kvetch.ts';
import { mysqlShards } from '../../src/kvetch-mysql.ts';
import type { ReactiveSecret } from '../../src/reactive/keys/WireKeys.ts';
import { todoSchema } from '../kvetch/todo.ts';

export const secrets: readonly ReactiveSecret[] = [{ id: 'a', secret: 'a secret of sufficient length' }];

/** Both objects change and become friends. */
export function membersOf(ids: readonly [one: string, two: string]): readonly UnitMember[] {
  const [fromId, toId] = ids;
  return [...ids.map((id) => update(id, { n: increment(), city: 'Rome' })), insertEdge('friends', { fromId, toId })];
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { places, ids, point = null } = JSON.parse(process.argv[2] ?? '');
  const die = async (): Promise<never> => {
    process.kill(process.pid, 'SIGKILL');
    return new Promise<never>(() => undefined);
  };
  const changes = { recorder: () => null, invalidate: die };
  const faults = (at: FaultPoint): undefined | Promise<never> => (at === point ? die() : undefined);
  const kvetch = createKvetch({ schema: todoSchema, shards: mysqlShards(places), changes, faults });
  await (point === null ? kvetch.updateObject(ids[0], { n: 2 }) : kvetch.write(membersOf(ids)));
}
