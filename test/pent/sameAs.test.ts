/** Objects that are readable as another one is, which the viewer mostly has already. */

import { parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine, makeSchema } from '../../src/index.ts';
import { createKvetch, defineKvetchSchema, type KvetchId, memoryShards } from '../../src/kvetch.ts';
import { allowIf, definePents, denyAll, Pent, PentContext, type Policy, pent, pentEdge } from '../../src/pent.ts';
import { isPromiseLike } from '../../src/utils/isPromiseLike.ts';

const test = suite('sameAs');

const schema = defineKvetchSchema({
  objects: [
    { typeId: 1, name: 'Talk' },
    { typeId: 2, name: 'Line' },
  ],
  edges: [
    { edgeId: 10, name: 'lines', from: 'Talk', storedOn: 'Line', storedIdAttr: 'talk' },
    { edgeId: 11, name: 'quotes', from: 'Talk', to: 'Line' },
  ],
});

let runs = 0;

class Talk extends Pent {
  static override readonly definition = { name: 'Talk', typeId: 1 };
  static override readonly privacy: Policy<Talk> = {
    read: [
      allowIf('its own', ({ $record }, { viewer }) => {
        runs++;
        return $record.of === viewer;
      }),
      denyAll,
    ],
    write: [denyAll],
  };
}

class Line extends Pent {
  static override readonly definition = { name: 'Line', typeId: 2, storedIds: { talk: ['Talk'] }, sameAs: 'talk' };
  static override readonly privacy: Policy = { write: [denyAll] };

  get text(): unknown {
    return this.$record.text;
  }
}

const model = definePents({ schema, pents: [Talk, Line], byDefault: 'deny' });
const engine = createEngine({
  schema: makeSchema({
    typeDefs: `
      type Query { talk(id: ID!): Talk }
      type Talk { id: ID! lines: [Line!]! quotes: [Line!]! }
      type Line { id: ID! text: String }
    `,
    objects: {
      Query: { plans: { talk: (_$root, { $id }) => pent(Talk, $id) } },
      Talk: {
        plans: {
          lines: ($talk) => pentEdge(Line, 'lines', $talk),
          quotes: ($talk) => pentEdge(Line, 'quotes', $talk),
        },
      },
    },
  }),
});

async function world(): Promise<{
  readonly kvetch: ReturnType<typeof createKvetch>;
  readonly own: KvetchId<'Talk'>;
  readonly other: KvetchId<'Talk'>;
}> {
  const kvetch = createKvetch({ schema, shards: memoryShards(2) });
  const own = await kvetch.createObject('Talk', { of: 'ada' });
  const other = await kvetch.createObject('Talk', { of: 'ben' });
  for (const talk of [own, other]) {
    for (const text of ['a', 'b', 'c']) {
      const toId = await kvetch.createObject('Line', { talk, text: `${text} of ${talk === own ? 'own' : 'other'}` });
      await kvetch.insertEdge('quotes', { fromId: own, toId });
    }
  }
  return { kvetch, own, other };
}

function ask(kvetch: ReturnType<typeof createKvetch>, id: string, fields: string): unknown {
  const contextValue = { pent: new PentContext({ kvetch, model, viewer: 'ada' }) };
  const document = parse(`query ($id: ID!) { talk(id: $id) { ${fields} } }`);
  return engine.execute({ document, variableValues: { id }, contextValue });
}

const texts = (list: unknown): readonly string[] =>
  (list as ReadonlyArray<{ readonly text: string }>).map(({ text }) => text);

test('the list of an object that the viewer has is decided at once, by one run of its rule', async () => {
  const { kvetch, own } = await world();
  runs = 0;
  const result = ask(kvetch, own, 'lines { text }') as {
    readonly data: { readonly talk: { readonly lines: unknown } };
  };
  assert.not(isPromiseLike(result));
  assert.equal(texts(result.data.talk.lines), ['a of own', 'b of own', 'c of own']);
  assert.is(runs, 1);
});

test('an object whose other one the viewer may not read is hidden beside those of the one that it has', async () => {
  const { kvetch, own, other } = await world();
  const both = (await ask(kvetch, own, 'lines { text } quotes { text }')) as {
    readonly data: { readonly talk: { readonly lines: unknown; readonly quotes: unknown } };
  };
  assert.equal(texts(both.data.talk.quotes), ['a of own', 'b of own', 'c of own']);
  assert.equal(await ask(kvetch, other, 'lines { text }'), { data: { talk: null } });
});

test('who may not read any more what it has read, reads none of its list after a write', async () => {
  const { kvetch, own } = await world();
  const context = new PentContext({ kvetch, model, viewer: 'ada' });
  const talk = await Talk.getX(context, own);
  assert.is((await Line.browse(context)).length, 3);
  await context.beginWrite().updateObject(own, { of: 'ben' });
  context.forget();
  assert.is((await Line.browse(context)).length, 0);
  assert.is(await Talk.get(context, talk.id), null);
});

test.run();
