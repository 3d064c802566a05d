import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { create, type EdgePage, type Kvetch, type KvetchObject } from '../../src/kvetch.ts';
import { needs } from '../support/needs.ts';
import { fewBackends } from './backends.ts';
import { errorOf, idsOf, openTodo, rejection } from './todo.ts';

/** Bad input: a clear error for that entry, the rest served, nothing lost. */
const texts = [
  "'; DROP TABLE kvetch_objects; --",
  '" OR ""="',
  '\u0000',
  'a\u0000b',
  '😀',
  'trailing  ',
  ' ',
  '',
  '\u2028',
  '%_\\',
  '\ud800',
  'é',
  '{"$date":1}',
];
const badFirsts: ReadonlyArray<[unknown, number | string]> = [
  [0, 0],
  [1e9, 12],
  [null, 12],
  [-1, '"first" is -1 and must be an integer of 0 or more.'],
  [1.5, '"first" is 1.5 and must be an integer of 0 or more.'],
  [Number.NaN, '"first" is NaN and must be an integer of 0 or more.'],
  [Number.POSITIVE_INFINITY, '"first" is Infinity and must be an integer of 0 or more.'],
  ['5', '"first" is "5" and must be an integer of 0 or more.'],
];
const badAfters: readonly unknown[] = [
  '',
  'x',
  '_',
  '1_',
  'zzzzzzzzzzzz_00000000-0000-8000-8000-000000000000',
  "' OR 1=1",
  5,
  {},
  `1_${'0'.repeat(36)}`,
  '-5_00000000-0000-8000-8000-000000000000',
];

for (const backend of fewBackends) {
  const test = needs(suite<{ kvetch: Kvetch }>(`kvetch, bad input: ${backend.name}`), ...backend.servers);
  test.before.each((context) => {
    context.kvetch = openTodo(backend, { limits: { maxFirst: 15 } });
  });
  test.after.each(({ kvetch }) => kvetch.close());

  test('what a write has from a prototype is refused, and not passed over', async ({ kvetch }) => {
    const id = (await kvetch.createObject('User', { city: 'Ulm' })) as string;
    const hidden = { __proto__: { city: 'Bonn' } };
    for (const write of [
      () => kvetch.createObject('User', hidden),
      () => kvetch.updateObject(id, hidden),
      () => kvetch.updateObject(id, { city: 'Köln' }, { if: hidden }),
      () => kvetch.deleteObject(id, { if: hidden }),
    ])
      assert.match((await rejection(write())).message, /has "city" from its prototype/);
    assert.is((await kvetch.getObject(id))?.city, 'Ulm');
    class City {
      readonly city = 'Rom';
      name(): string {
        return this.city;
      }
    }
    await kvetch.updateObject(id, new City() as never);
    await kvetch.updateObject(id, { city: 'Paris' }, { if: Object.assign(Object.create(null), { city: 'Rom' }) });
    assert.is((await kvetch.getObject(id))?.city, 'Paris');
  });

  test('texts of every kind are stored and found exactly', async ({ kvetch }) => {
    const good = texts.filter((text) => text !== '\ud800');
    const ids = idsOf(
      await kvetch.createObjects(
        'User',
        good.map((text) => ({ data: { city: text, username: text, deep: { [text]: [text] } } })),
      ),
    );
    const read = await kvetch.getObjects(ids);
    for (const [at, text] of good.entries()) {
      const { city, deep } = read[at] as KvetchObject;
      assert.equal([city, deep], [text, { [text]: [text] }]);
      assert.equal((await kvetch.queryIndex('city', text)).ids, [ids[at]]);
      assert.equal((await kvetch.queryIndex('username', text)).ids, [ids[at]]);
    }
    const lone = await kvetch.createObject('User', { bio: '\ud800' });
    assert.is((await kvetch.getObject(lone))?.bio, '\ud800');
    assert.match(
      (await rejection(kvetch.createObject('User', { city: '\ud800' }))).message,
      /^User\.city is .* no well-formed text/,
    );
  });

  test('data that is no object of attributes, or cannot be read; keys that are no text', async ({ kvetch }) => {
    const hostile = Object.defineProperty({}, 'n', {
      enumerable: true,
      get() {
        throw new Error('not now');
      },
    });
    const given = [new Date(), new Map([['n', 1]]), new Set(), [], Promise.resolve(), null, 'n', 7, hostile];
    for (const data of given) {
      const error = await rejection(kvetch.createObject('User', data as Record<string, unknown>));
      assert.is(error.code, 'BAD_VALUE', String(error));
      assert.match(error.message, /^The data of User /);
    }
    const id = await kvetch.createObject('User', { n: -0 });
    for (const bio of [hostile, [hostile], { deep: [{ hostile }] }]) {
      for (const write of [kvetch.createObject('User', { bio }), kvetch.updateObject(id, { bio })]) {
        const error = await rejection(write);
        assert.is(error.code, 'BAD_VALUE', String(error));
        assert.match(error.message, /bio.* cannot be read at "n": not now$/);
      }
    }
    assert.ok(Object.is((await kvetch.getObject(id))?.n, 0));
    for (const idempotencyKey of ['', 'a\ud800', '\udc00', 7 as unknown as string]) {
      const error = await rejection(kvetch.createObject('User', { n: 1 }, { idempotencyKey }));
      assert.match(error.message, /^The idempotencyKey is .* must be a well-formed text/);
      assert.is((await rejection(kvetch.write([create('User', { n: 1 })], { idempotencyKey }))).code, 'BAD_VALUE');
    }
  });

  test('first and after, each entry for itself', async ({ kvetch }) => {
    const user = await kvetch.createObject('User', {});
    idsOf(
      await kvetch.createObjects(
        'List',
        Array.from({ length: 12 }, () => ({ data: { owner: user } })),
      ),
    );
    const ask = { edge: 'user_to_list', fromId: user };
    const pages = await kvetch.getEdgeLists(badFirsts.map(([first]) => ({ ...ask, first: first as number })));
    assert.equal(
      pages.map((page) => (page instanceof Error ? page.message : page.edges.length)),
      badFirsts.map(([, expected]) => expected),
    );
    const starts = await kvetch.getEdgeLists([...badAfters.map((after) => ({ ...ask, after: after as string })), ask]);
    for (const [at, after] of badAfters.entries())
      assert.is((errorOf(starts[at]) as Error & { code: string }).code, 'BAD_CURSOR', String(after));
    assert.is((starts.at(-1) as EdgePage).edges.length, 12);
    const wrong = [
      ...[{ first: -1 }, { last: -1 }, { first: 1, last: 1 }].map((page) => ({ page, code: 'BAD_PAGE' })),
      ...[{ after: 'x' }, { before: 'x' }, { last: 1, before: 'x' }].map((page) => ({ page, code: 'BAD_CURSOR' })),
    ];
    for (const { page, code } of wrong) {
      assert.is((await rejection(kvetch.browse('User', page))).code, code);
      assert.is((await rejection(kvetch.queryIndex('city', 'x', page))).code, code);
      assert.is((await rejection(kvetch.getEdges('user_to_list', user, page))).code, code);
    }
    const most = idsOf(
      await kvetch.createObjects(
        'List',
        Array.from({ length: 12 }, () => ({ data: { owner: user } })),
      ),
    );
    const capped = await kvetch.getEdges('user_to_list', user, { first: 1e9 });
    assert.equal([most.length, capped.edges.length, capped.hasNextPage], [12, 15, true]);
  });

  test('first, in every position where there is one', async ({ kvetch }) => {
    const user = await kvetch.createObject('User', { city: 'X' });
    for (let n = 1; n < 12; n++) await kvetch.createObject('User', { city: 'X' });
    for (let n = 0; n < 12; n++) await kvetch.createObject('List', { owner: user });
    const edges = { edge: 'user_to_list', fromId: user };
    const positions: Readonly<Record<string, (first: never) => unknown>> = {
      edges: (first) => kvetch.reads.edges([{ ...edges, first }, edges]),
      edgeObjects: (first) => kvetch.reads.edgeObjects([{ ...edges, first }, edges]),
      index: (first) =>
        kvetch.reads.index([
          { index: 'city', value: 'X', first },
          { index: 'city', value: 'X' },
        ]),
      indexObjects: (first) =>
        kvetch.reads.indexObjects([
          { index: 'city', value: 'X', first },
          { index: 'city', value: 'X' },
        ]),
      browse: (first) => kvetch.reads.browse([{ type: 'User', first }, { type: 'User' }]),
    };
    for (const [name, read] of Object.entries(positions)) {
      for (const [first, expected] of badFirsts) {
        const [page, good] = (await read(first as never)) as ReadonlyArray<unknown>;
        assert.equal(page instanceof Error ? page.message : sizeOf(page), expected, `${name}, first ${String(first)}`);
        assert.is(sizeOf(good), 12, `${name}, beside first ${String(first)}`);
      }
    }
  });

  test('malformed ids, in every position where there is one', async ({ kvetch }) => {
    const good = await kvetch.createObject('User', {});
    const bad = ['', 'x', "' OR 1=1 --", `${good} `, `${good.slice(0, -1)}\u0000`, '😀'.repeat(18), 7, null, {}];
    for (const id of bad as never[]) {
      const place = JSON.stringify(id);
      const calls = [
        kvetch.getObject(id),
        kvetch.updateObject(id, {}),
        kvetch.deleteObject(id),
        kvetch.getEdges('friends', id),
        kvetch.countEdges('friends', id),
        kvetch.insertEdge('friends', { fromId: id, toId: good }),
        kvetch.insertEdge('friends', { fromId: good, toId: id }),
        kvetch.deleteEdge('friends', { fromId: good, toId: id }),
        kvetch.insertIndexEntry('tags', { value: 'x', targetId: id }),
        kvetch.deleteIndexEntry('tags', { value: 'x', targetId: id }),
      ];
      for (const [at, call] of calls.entries()) assert.is((await rejection(call)).code, 'BAD_ID', `${at}: ${place}`);
      if (id !== null) {
        assert.is((await rejection(kvetch.getEdges('friends', good, { after: id }))).code, 'BAD_CURSOR', place);
        assert.is((await rejection(kvetch.createObject('List', { owner: id }))).code, 'BAD_ID', place);
      }
      const [counted, error] = await kvetch.countEdgeLists([
        { edge: 'friends', fromId: good },
        { edge: 'friends', fromId: id },
      ]);
      assert.equal([counted, error instanceof Error], [0, true]);
    }
    assert.equal((await kvetch.queryIndex('tags', 'x')).ids, []);
  });

  test('texts as data of edges, values of a plain index, idempotency keys and names of attributes', async ({
    kvetch,
  }) => {
    const user = await kvetch.createObject('User', {});
    for (const text of texts.filter((one) => one !== '\ud800')) {
      const create = () => kvetch.createObject('User', { [`a${text}`]: text }, { idempotencyKey: `k${text}` });
      const id = await create();
      assert.is(await create(), id);
      assert.is((await kvetch.getObject(id))?.[`a${text}`], text);
      await kvetch.insertEdge('friends', { fromId: user, toId: id, data: { [text]: text } });
      await kvetch.insertIndexEntry('tags', { value: text, targetId: id });
      assert.equal((await kvetch.queryIndex('tags', text)).ids, [id]);
    }
    const { edges } = await kvetch.getEdges('friends', user);
    const good = texts.filter((one) => one !== '\ud800');
    assert.equal(
      edges.map(({ data }) => data),
      good.map((text) => ({ [text]: text })),
    );
  });

  test('wrong kinds of values', async ({ kvetch }) => {
    const cases: [string, unknown, RegExp][] = [
      ['User', null, /The data of User is null/],
      ['User', [1], /The data of User is an object/],
      ['User', { age: '1 OR 1=1' }, /^User\.age is "1 OR 1=1", which is no integer/],
      ['User', { age: 1.5 }, /no integer/],
      ['User', { age: 2n ** 70n }, /no integer/],
      ['User', { city: 7 }, /^User\.city is 7, which is no well-formed text/],
      ['User', { id: 'x' }, /cannot have an attribute "id"/],
      ['User', { version: 2 }, /reserved/],
      ['User', { __secret: 1 }, /reserved/],
      ['User', JSON.parse('{"__proto__": {"x": 1}}'), /reserved/],
      ['User', { '': 1 }, /reserved/],
      ['User', { n: Number.NaN }, /NaN/],
      ['List', { owner: 'me' }, /^List\.owner "me" is not a UUID/],
      ['List', { owner: 7 }, /^List\.owner 7 is not a UUID/],
      ['Item', { text: 7 }, /^Item\.text is 7 and must be of the kind string/],
      ['Item', { text: 'x', done: 'yes' }, /kind bool/],
      ['Item', { text: 'x', due: '2020-01-01' }, /kind date/],
      ['Item', { text: 'x', rank: 1.5 }, /kind int/],
    ];
    for (const [type, data, message] of cases) {
      assert.match((await rejection(kvetch.createObject(type, data as Record<string, unknown>))).message, message);
    }
    assert.equal((await kvetch.browse('User')).objects, []);
    const user = await kvetch.createObject('User', { age: 1 });
    await rejection(kvetch.updateObject(user, { age: 'x' }));
    assert.equal([(await kvetch.getObject(user))?.version, (await kvetch.queryIndex('age', 1)).ids], [1, [user]]);
  });

  test('unknown definitions and ids', async ({ kvetch }) => {
    assert.match(
      (await rejection(kvetch.createObject('Usr', {}))).message,
      /has no object type "Usr"\. Did you mean "User"\?/,
    );
    const [bad, good] = await kvetch.getEdgeLists([
      { edge: 'user_to_lst', fromId: 'x' },
      { edge: 10000, fromId: '0'.repeat(32) },
    ]);
    assert.match(errorOf(bad).message, /Did you mean "user_to_list"/);
    assert.equal(good, { edges: [], hasNextPage: false, endCursor: null });
    const ids = [7, null, undefined, {}, 'x', "'; DROP TABLE kvetch_objects"] as unknown as string[];
    for (const entry of await kvetch.getObjects(ids))
      assert.is((errorOf(entry) as Error & { code: string }).code, 'BAD_ID');
    for (const id of ids) assert.is((await rejection(kvetch.updateObject(id, {}))).code, 'BAD_ID');
    for (const id of ids) assert.is((await rejection(kvetch.deleteObject(id))).code, 'BAD_ID');
    assert.is((await rejection(kvetch.insertEdge('friends', { fromId: 'x', toId: 'y' }))).code, 'BAD_ID');
    assert.match(errorOf((await kvetch.queryIndexes([{ index: 'age', value: '1 OR 1=1' }]))[0]).message, /no integer/);
  });

  test('what is large, in every position: found literally, or refused for that entry alone', async ({ kvetch }) => {
    const large = `${'x'.repeat(500_000)}😀`;
    const other = `${large.slice(0, -2)}😁`;
    const [user = '', friend = ''] = idsOf(
      await kvetch.createObjects('User', [
        { data: { city: large, username: large, ['a'.repeat(10_000)]: 1 } },
        { data: { city: other, username: other } },
      ]),
    );
    for (const index of ['city', 'username']) {
      assert.equal((await kvetch.queryIndex(index, large)).ids, [user], index);
      assert.equal((await kvetch.queryIndex(index, other)).ids, [friend], index);
      assert.equal((await kvetch.queryIndex(index, large.slice(0, -2))).ids, [], index);
    }
    assert.is((await rejection(kvetch.createObject('User', { username: large }))).code, 'UNIQUE_VIOLATION');
    await kvetch.insertIndexEntry('tags', { value: large, targetId: user });
    assert.equal((await kvetch.queryIndex('tags', large)).ids, [user]);
    assert.equal((await kvetch.queryIndex('tags', other)).ids, []);
    const data = 'y'.repeat((1 << 20) - 10);
    await kvetch.insertEdge('friends', { fromId: user, toId: friend, data });
    assert.equal(
      (await kvetch.getEdges('friends', user)).edges.map((edge) => edge.data),
      [data],
    );
    const create = () => kvetch.createObject('User', {}, { idempotencyKey: large });
    assert.is(await create(), await create());
    const [bad, good] = await kvetch.getObjects([large, user]);
    assert.equal([codeOf(bad), (good as KvetchObject)['a'.repeat(10_000)]], ['BAD_ID', 1]);
    const ask = { edge: 'friends', fromId: user };
    const [badPage, goodPage] = await kvetch.getEdgeLists([{ ...ask, after: large }, ask]);
    assert.equal([codeOf(badPage), sizeOf(goodPage)], ['BAD_CURSOR', 1]);
    assert.is((await rejection(kvetch.getEdges(large, user))).code, 'UNKNOWN_DEFINITION');
    for (const error of [bad, badPage]) assert.ok(errorOf(error).message.length < 300, 'a message does not repeat it');
  });

  test('bodies up to the limit, and the rest of the batch beside one above it', async ({ kvetch }) => {
    const room = (1 << 20) - '{"big":""}'.length;
    const [fits = '', tooBig, small] = await kvetch.createObjects('User', [
      { data: { big: 'x'.repeat(room) } },
      { data: { big: 'x'.repeat(room + 1) } },
      { data: { big: 'y' } },
    ]);
    assert.is(errorOf(tooBig).message, 'A body of 1048577 bytes is above the limit of 1048576 bytes.');
    const read = await kvetch.getObjects([fits as string, small as string]);
    assert.equal(
      read.map((record) => ((record as KvetchObject).big as string).length),
      [room, 1],
    );
    assert.is(
      (await rejection(kvetch.updateObject(small as string, { big: 'x'.repeat(room + 1) }))).code,
      'BODY_TOO_LARGE',
    );
    assert.is((await kvetch.getObject(small as string))?.big, 'y');
    const edge = { fromId: fits as string, toId: small as string, data: 'x'.repeat(1 << 20) };
    assert.is((await rejection(kvetch.insertEdge('friends', edge))).code, 'BODY_TOO_LARGE');
  });

  test.run();
}

function codeOf(entry: unknown): string | undefined {
  return (errorOf(entry) as { readonly code?: string }).code;
}

/** How many things are on a page of any kind. */
function sizeOf(page: unknown): number {
  const { edges, ids, objects } = page as Partial<Record<'edges' | 'ids' | 'objects', readonly unknown[]>>;
  return (edges ?? ids ?? objects ?? []).length;
}
