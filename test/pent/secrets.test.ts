/** Worlds that differ in secrets alone answer alike. `npm run test:secrets -- 20000` compares more. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine } from '../../src/index.ts';
import { createReactive, memoryVersions, type Reactive } from '../../src/reactive.ts';
import { compareWorlds } from './compareWorlds.ts';
import { askReactively } from './reactiveWorld.ts';
import { graphql } from './secretSchema.ts';
import { contextOf, openStore } from './secretWorld.ts';

const test = suite('secrets taken away');

test('no response tells of them, on any road', async () => {
  const { operations, differences, roads } = await compareWorlds(3, 700);
  assert.equal(differences, []);
  assert.ok(operations >= 700);
  // Each road leads somewhere, or its comparison would say nothing.
  for (const [road, { taken, shown }] of roads) {
    if (taken >= 25) assert.ok(shown > 0, `${road}: ${taken} taken, nothing shown`);
  }
});

test('a hidden object that a rule has read for another field is told as one that does not exist', async () => {
  const secrets = [{ id: 'a', secret: 'a secret of sufficient length' }];
  const reactive = createReactive({
    ...{ engine: createEngine({ schema: graphql }), versions: memoryVersions(), secrets },
  }) as Reactive;
  const kvetch = openStore(1, Date.now, reactive.changes);
  const [viewer = '', hidden = '', other = ''] = await Promise.all(
    ['viewer', 'hidden', 'other'].map((name) => kvetch.createObject('User', { name })),
  );
  await kvetch.insertEdge('blocks', { fromId: hidden, toId: viewer });
  await kvetch.insertEdge('blocks', { fromId: other, toId: hidden });
  const told = async (a: string): Promise<string> => {
    const shown = await kvetch.createObject('Doc', { title: 'doc', owner: viewer });
    const context = () => ({ pent: contextOf(kvetch, { id: viewer }) });
    const forms = await askReactively(reactive, context, viewer, { a, b: other }, shown);
    return JSON.stringify(forms).replaceAll(shown, 'shown');
  };
  const absent = await told('00000000-0000-8000-8000-000000000001');
  assert.is(await told(hidden), absent);
  assert.match(absent, '"at":"user","scope":"field","names":[');
});

test.run();
