/** Two servers over one Redis: what one changes the other fetches again, and both show it. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { memoryShards } from '../../src/kvetch.ts';
import { redisVersions } from '../../src/reactive-redis.ts';
import { needs } from '../support/needs.ts';
import { redisForTests } from '../support/redisServer.ts';
import { until } from '../support/until.ts';
import { asked, type Inspected, inspected, renameMutation, type Summary, userQuery } from './world.ts';

const redis = await redisForTests();
const test = needs(suite('inspector: two servers'), redis);

test('row 16: a mutation on one, a live query and a refetch on the other, shown on both', async () => {
  const options = { url: redis.url, prefix: redis.newPrefix(), timeoutMs: 30_000 };
  const shards = memoryShards(1);
  const open = async (server: string): Promise<Inspected> => {
    const versions = redisVersions(options);
    await versions.ready();
    return inspected({ versions, shards, server });
  };
  const [left, right] = [await open('left'), await open('right')];
  const id = await left.kvetch.createObject('User', { name: 'Ada' });
  const contextOf = ({ kvetch }: Inspected) => ({ contextValue: { kvetch: kvetch.forRequest() } });
  const args = { document: userQuery, variableValues: { id } };
  await until('the right server knows of the user', () => (right.reactive.versions.seen?.seq ?? 0) >= 1);
  const live = right.reactive.live({ ...args, context: () => contextOf(right).contextValue });
  await live.next();

  const variableValues = { id, name: 'Grace' };
  await left.reactive.execute({ document: renameMutation, variableValues, ...contextOf(left), ...asked });
  await live.next();
  const refetch = { extensions: { reactive: { v: 1, refetch: [{ at: 'user' }] } } };
  await right.reactive.execute({ ...args, ...contextOf(right), ...refetch });

  const changeOn = async (server: Inspected): Promise<Summary> =>
    (await server.json()).invalidations.find(({ name }: Summary) => name === 'Rename');
  const isShown = async (server: Inspected): Promise<boolean> => {
    const change = await changeOn(server);
    return change !== undefined && change.effectCount === 2 && change.told.length === 1;
  };
  await until('both servers know what it led to', async () => (await isShown(left)) && (await isShown(right)));
  const shown = await Promise.all([left, right].map(changeOn));
  for (const { server, name, kinds, told, effects } of shown as Summary[]) {
    assert.equal([server, name, kinds], ['left', 'Rename', { o: 1 }]);
    assert.equal(
      told.map((one: Summary) => [one.server, one.live, typeof one.lagMs]),
      [['right', 1, 'number']],
      'nobody watches anything on the left server',
    );
    assert.equal(effects.map((one: Summary) => [one.server, one.kind, one.name]).sort(), [
      ['right', 'live', 'User'],
      ['right', 'refetch', 'User'],
    ]);
  }
  assert.is(shown[0]?.id, shown[1]?.id, 'it is one change');
  const { operations } = await right.json();
  for (const cause of ['live', 'refetch']) {
    assert.equal(operations.find((one: Summary) => one.cause === cause).changes, [shown[0]?.id], cause);
  }
  await live.return();
  for (const server of [left, right]) {
    await server.close();
    await server.reactive.versions.close();
  }
});

test.run();
