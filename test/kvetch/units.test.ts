import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  absent,
  check,
  create,
  deleteEdge,
  deleteIndexEntry,
  deleteObject,
  increment,
  insertEdge,
  insertIndexEntry,
  type Kvetch,
  type KvetchChange,
  type KvetchError,
  memoryShards,
  type UnitMember,
  update,
} from '../../src/kvetch.ts';
import { sqliteShards } from '../../src/kvetch-sqlite.ts';
import { needs } from '../support/needs.ts';
import { fewBackends, temporaryDirectory } from './backends.ts';
import { openTodo, rejection, todoStore } from './todo.ts';

for (const backend of fewBackends) {
  const test = needs(suite(`units: ${backend.name}`), ...backend.servers);
  let changes: KvetchChange[] = [];
  let kvetch: Kvetch;
  test.before(() => {
    kvetch = openTodo(backend, { onWrite: (change) => void changes.push(change), outboxPollMs: 0 });
  });
  test.before.each(() => {
    changes = [];
  });
  test.after(() => kvetch.close());

  /** Objects on one server. */
  const near = async (home: string, data: object): Promise<string> =>
    kvetch.createObject('User', { ...data }, { near: home });

  test('all members are written together, and each sees those before it', async () => {
    const seller = await kvetch.createObject('User', { unread: 1, city: 'Oslo' });
    const buyer = await near(seller, { age: 7 });
    const gone = await near(seller, { city: 'Rome' });
    const talk = kvetch.newId('List', { owner: seller }, { near: seller });
    changes = [];
    const { objects, freshness } = await kvetch.write([
      create('List', { owner: seller, name: 'talk' }, { id: talk }),
      update(talk, { messages: increment() }, { if: { name: 'talk' } }),
      update(seller, { unread: increment(2), city: 'Bergen' }, { ifVersion: 1 }),
      update(seller, { unread: increment(2) }, { if: { unread: 3 } }),
      check(buyer, { if: { age: 7, city: absent } }),
      deleteObject(gone),
      insertEdge('friends', { fromId: seller, toId: buyer, data: { since: 1 } }),
    ]);
    assert.equal(
      objects.map((object) => object?.id ?? null),
      [talk, talk, seller, seller, buyer, null, null],
    );
    assert.equal([objects[1]?.messages, objects[2]?.unread, objects[3]?.unread, objects[3]?.version], [1, 3, 5, 3]);
    const reader = kvetch.with({ freshness });
    assert.equal(await reader.getObject(seller), objects[3]);
    assert.equal(await reader.getObject(talk), objects[1]);
    assert.is(await reader.getObject(gone), null);
    assert.equal(
      (await reader.getEdges('friends', seller)).edges.map(({ toId, data }) => [toId, data]),
      [[buyer, { since: 1 }]],
    );
    assert.equal(
      (await reader.getEdges('user_to_list', seller)).edges.map(({ toId }) => toId),
      [talk],
    );
    assert.equal((await reader.queryIndex('city', 'Bergen')).ids, [seller]);
    assert.equal((await reader.queryIndex('city', 'Rome')).ids, []);
    assert.equal((await reader.queryIndex('city', 'Oslo')).ids, []);
    assert.equal(
      changes.map(({ kind }) => kind),
      ['unit'],
    );
    assert.equal(new Set(changes[0]?.keys).size, changes[0]?.keys.length);
    for (const key of [`o:${talk}`, `o:${seller}`, `o:${gone}`, `e:10002:${seller}`, `e:10000:${seller}`])
      assert.ok(changes[0]?.keys.includes(key), key);
    assert.not.ok(changes[0]?.keys.includes(`o:${buyer}`));
    const { derived } = await kvetch.clean({ mode: 'full', graceMs: 0 }).then((report) => ({
      derived: report.missingEdges + report.orphanEdges + report.missingIndex + report.staleIndex + report.unknown,
    }));
    assert.is(derived, 0);
  });

  test('where one member is refused nothing is written, nothing is told, and the error names the member', async () => {
    const one = await kvetch.createObject('User', { n: 1, city: 'Oslo' });
    const other = await near(one, { n: 1 });
    const made = kvetch.newId('User', {}, { near: one });
    const unknown = kvetch.newId('User', {}, { near: one });
    changes = [];
    const refusals: ReadonlyArray<readonly [UnitMember, string]> = [
      [update(other, { n: 2 }, { if: { n: 2 } }), 'CONDITION_FAILED'],
      [update(other, { n: 2 }, { ifVersion: 2 }), 'CONFLICT'],
      [update(unknown, { n: 2 }), 'NOT_FOUND'],
      [check(other, { if: { city: 'Oslo' } }), 'CONDITION_FAILED'],
      [deleteObject(other, { if: { n: 2 } }), 'CONDITION_FAILED'],
      [update(other, { state: 2 }), 'BAD_VALUE'],
      [update('no id', { n: 2 }), 'BAD_ID'],
      [create('User', { n: 1 }, { id: other }), 'CONFLICT'],
      [create('Usr', { n: 1 }), 'UNKNOWN_DEFINITION'],
      [insertEdge('friends', { fromId: one, toId: unknown }), 'NOT_FOUND'],
      [insertEdge('user_to_list', { fromId: one, toId: other }), 'BAD_CALL'],
      [{ kind: 'drop' } as unknown as UnitMember, 'BAD_CALL'],
      [null as unknown as UnitMember, 'BAD_CALL'],
    ];
    for (const [member, code] of refusals) {
      const members = [
        update(one, { n: increment(), city: 'Bergen' }),
        create('User', { n: 1 }, { id: made }),
        insertEdge('friends', { fromId: one, toId: made }),
        member,
      ];
      const error = (await rejection(kvetch.write(members))) as KvetchError;
      assert.equal([error.code, error.member, error.effect], [code, 3, 'not-applied'], error.message);
    }
    assert.equal([(await kvetch.getObject(one))?.n, await kvetch.getObject(made)], [1, null]);
    assert.equal((await kvetch.getObject(other))?.version, 1);
    assert.equal((await kvetch.getEdges('friends', one)).edges, []);
    assert.equal((await kvetch.queryIndex('city', 'Bergen')).ids.includes(one), false);
    assert.equal(changes, []);
  });

  test('of units that want the same, one is written; counters in units add up, whatever else writes', async () => {
    const listing = await kvetch.createObject('User', { status: 'OPEN' });
    const offers = await Promise.all(Array.from({ length: 8 }, () => near(listing, { status: 'OPEN' })));
    const accepted = await Promise.allSettled(
      offers.map((offer) =>
        kvetch.write([
          update(offer, { status: 'ACCEPTED' }, { if: { status: 'OPEN' } }),
          update(listing, { status: 'SOLD', offer }, { if: { status: 'OPEN' } }),
        ]),
      ),
    );
    assert.is(accepted.filter(({ status }) => status === 'fulfilled').length, 1);
    const states = await Promise.all(offers.map(async (offer) => (await kvetch.getObject(offer))?.status));
    const won = states.indexOf('ACCEPTED');
    assert.is(states.filter((state) => state === 'ACCEPTED').length, 1);
    assert.is((await kvetch.getObject(listing))?.offer, offers[won]);
    const [first = '', second = ''] = offers;
    await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        n % 4 === 0
          ? kvetch.updateObject(first, { n: increment() })
          : kvetch.write(
              n % 2 === 0
                ? [update(first, { n: increment() }), update(second, { n: increment() })]
                : [update(second, { n: increment() }), update(first, { n: increment() })],
            ),
      ),
    );
    assert.equal([(await kvetch.getObject(first))?.n, (await kvetch.getObject(second))?.n], [20, 15]);
  });

  test('a unit with a key is written once, and a repeat answers with its objects', async () => {
    const home = await kvetch.createObject('User', { n: 0 });
    const members = (): readonly UnitMember[] => [
      create('User', { name: 'made' }),
      update(home, { n: increment() }),
      create('List', { owner: home }),
    ];
    const options = { idempotencyKey: 'a unit' };
    const [first, ...others] = await Promise.all([1, 2, 3].map(() => kvetch.write(members(), options)));
    changes = [];
    const again = await kvetch.write(members(), options);
    const idsOf = ({ objects }: NonNullable<typeof first>): unknown => objects.map((object) => object?.id);
    for (const other of [...others, again]) assert.equal(idsOf(other), first && idsOf(first));
    assert.is((await kvetch.getObject(home))?.n, 1);
    assert.is((await kvetch.getEdges('user_to_list', home)).edges.length, 1);
    assert.ok(changes.every(({ kind }) => kind === 'relay')); // the first call may have died before it told
    const changed = [...members().slice(0, 1), update(home, { n: increment(2) }), ...members().slice(2)];
    assert.is((await rejection(kvetch.write(changed, options))).code, 'CONFLICT');
    const given = { ...options, idempotencyKey: 'another', madeFrom: { form: 7 } };
    await kvetch.write(members(), given);
    const later = [...members().slice(0, 1), update(home, { n: increment(), at: 5 }), ...members().slice(2)];
    await kvetch.write(later, given);
    assert.is((await rejection(kvetch.write(later, { ...given, madeFrom: { form: 8 } }))).code, 'CONFLICT');
    assert.is((await kvetch.getObject(home))?.n, 2);
    const report = await kvetch.clean({ mode: 'full', graceMs: 0 });
    assert.is(report.unknown, 0);
  });

  /** Objects anywhere: together they lie on several servers. */
  const spread = (count: number, data: object = {}): Promise<string[]> =>
    Promise.all(Array.from({ length: count }, () => kvetch.createObject('User', { ...data })));

  test('values that throw when they are read are errors of their member, not of the store', async () => {
    const ids = await spread(4, { n: 0 });
    const [id = ''] = ids;
    const others = ids.slice(1).map((other) => update(other, { n: increment() }));
    const bad = {
      get n(): number {
        throw new Error('boom');
      },
    };
    const trap = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error('trap');
        },
      },
    );
    const circular: Record<string, unknown> = {};
    circular.n = circular;
    const wrong: Readonly<Record<string, readonly [member: UnitMember, message: RegExp]>> = {
      'a getter in a condition': [update(id, { n: 1 }, { if: bad }), /^Member 3: The "if" of User .* at "n": boom$/],
      'a getter in that of a check': [check(id, { if: bad }), /^Member 3: The "if" of User .* at "n": boom$/],
      'a proxy': [deleteObject(id, { if: trap }), /^Member 3: The "if" of User cannot be read: trap$/],
      'a function': [deleteObject(id, { if: { n: () => 0 } }), /^Member 3: .*function/],
      'a getter in a patch': [update(id, bad), /^Member 3: The data of User cannot be read at "n": boom$/],
      'a getter in a create': [create('User', bad), /^Member 3: The data of User cannot be read at "n": boom$/],
      'data in a circle': [update(id, { any: circular }), /^Member 3: /],
    };
    for (const [name, [member, message]] of Object.entries(wrong))
      for (const idempotencyKey of [undefined, `${name} ${id}`]) {
        const error = await rejection(kvetch.write([...others, member], { idempotencyKey }));
        assert.match(String(error.code), /^BAD_(VALUE|CALL)$/, name);
        assert.match(error.message, idempotencyKey === undefined ? message : /^Member 3: /);
      }
    const alone = await rejection(kvetch.updateObject(id, { n: 1 }, { if: bad }));
    assert.equal([alone.code, alone.message], ['BAD_VALUE', 'The "if" of User cannot be read at "n": boom']);
    for (const other of ids) assert.is((await kvetch.getObject(other))?.n, 0);
  });

  test('the repeat of a unit may have made other ids for its new objects', async () => {
    const home = await kvetch.createObject('User', { n: 0 });
    const write = (name: string): ReturnType<typeof kvetch.write> => {
      const id = kvetch.newId('User');
      const list = kvetch.newId('List', {}, { near: id });
      const members = [
        create('User', { name }, { id }),
        create('List', { owner: id }, { id: list }),
        insertEdge('friends', { fromId: id, toId: home }),
        update(home, { n: increment() }),
        check(id, { if: { name } }),
      ];
      return kvetch.write(members, { idempotencyKey: `ids ${home}` });
    };
    const [first, second] = await Promise.all([write('a'), write('a')]);
    const third = await write('a');
    const idsOf = ({ objects }: typeof first): unknown => objects.map((object) => object?.id);
    assert.equal([idsOf(second), idsOf(third)], [idsOf(first), idsOf(first)]);
    assert.equal([[first, second].filter(({ isNew }) => isNew).length, third.isNew], [1, false]);
    assert.is((await kvetch.getObject(home))?.n, 1);
    assert.is((await rejection(write('b'))).code, 'CONFLICT');
  });

  test('units of creates alone lie together; members may be edges and entries alone', async () => {
    const { objects } = await kvetch.write([create('User', { n: 1 }), create('User', { n: 2 })]);
    const [one = '', two = ''] = objects.map((object) => object?.id ?? '');
    await kvetch.write([
      insertEdge('friends', { fromId: one, toId: two }),
      insertEdge('friends', { fromId: two, toId: one }),
    ]);
    await kvetch.write([
      deleteEdge('friends', { fromId: one, toId: two }),
      insertEdge('friends', { fromId: one, toId: one }),
      insertEdge('friends', { fromId: two, toId: one, data: 'again' }),
    ]);
    assert.equal(
      (await kvetch.getEdges('friends', one)).edges.map(({ toId }) => toId),
      [one],
    );
    assert.equal(
      (await kvetch.getEdges('friends', two)).edges.map(({ data }) => data),
      ['again'],
    );
    await kvetch.write([insertIndexEntry('tags', { value: `tag ${backend.name}`, targetId: one })]);
    assert.equal((await kvetch.queryIndex('tags', `tag ${backend.name}`)).ids, [one]);
    await kvetch.write([deleteIndexEntry('tags', { value: `tag ${backend.name}`, targetId: one })]);
    assert.equal((await kvetch.queryIndex('tags', `tag ${backend.name}`)).ids, []);
  });

  test('an edge leads to an object that a member creates, wherever that stands, and to none that one deletes', async () => {
    const one = await kvetch.createObject('User', {});
    const two = await kvetch.createObject('User', {}, { near: one });
    const later = kvetch.newId('User', {}, { near: one });
    await kvetch.write([
      insertEdge('friends', { fromId: one, toId: later }),
      update(one, { n: 1 }),
      create('User', {}, { id: later }),
    ]);
    assert.is((await kvetch.getEdges('friends', one)).edges.length, 1);
    for (const members of [
      [deleteObject(two), insertEdge('friends', { fromId: one, toId: two })],
      [insertEdge('friends', { fromId: one, toId: two }), deleteObject(two)],
    ]) {
      const error = (await rejection(kvetch.write(members))) as KvetchError;
      assert.equal([error.code, error.member], ['NOT_FOUND', members.findIndex(({ kind }) => kind === 'insertEdge')]);
    }
    assert.ok(await kvetch.getObject(two));
    const list = kvetch.newId('List', {}, { near: one });
    const wrong = (await rejection(
      kvetch.write([insertEdge('friends', { fromId: one, toId: list }), create('List', {}, { id: list })]),
    )) as KvetchError;
    assert.equal([wrong.code, wrong.member], ['WRONG_TYPE', 0]);
  });

  test('members on several servers are written together', async () => {
    const ids = await spread(12, { n: 0, city: 'Lima' });
    const [one = '', two = '', three = '', four = ''] = ids;
    const lists = await Promise.all(ids.map((owner) => kvetch.createObject('List', { owner })));
    const [list = ''] = lists;
    const made = kvetch.newId('User');
    changes = [];
    const { splitUnits } = kvetch.stats;
    const { objects, freshness } = await kvetch.write([
      ...ids.slice(3).map((id) => update(id, { n: increment(), city: 'Quito' }, { ifVersion: 1 })),
      check(one, { if: { n: 0 } }),
      update(two, { n: increment(2) }),
      update(two, { n: increment(3) }, { if: { n: 2 } }),
      deleteObject(list),
      deleteObject(three),
      insertEdge('friends', { fromId: one, toId: made, data: 7 }),
      insertIndexEntry('tags', { value: 'new', targetId: made }),
      create('User', { n: 9, city: 'Quito', username: `${made}` }, { id: made }),
    ]);
    assert.equal([changes.length, kvetch.stats.splitUnits], [1, splitUnits + 1]);
    const reader = kvetch.with({ freshness });
    for (const object of objects)
      if (object !== null && object.id !== two) assert.equal(await reader.getObject(object.id), object);
    assert.equal([objects[10]?.n, objects[11]?.n, objects.at(-1)?.version], [2, 5, 1]);
    for (const id of ids.slice(3)) assert.is((await reader.getObject(id))?.n, 1);
    assert.equal([await reader.getObject(list), await reader.getObject(three)], [null, null]);
    assert.equal((await reader.queryIndex('city', 'Quito')).ids.toSorted(), [...ids.slice(3), made].sort());
    assert.equal((await reader.queryIndex('city', 'Lima')).ids.toSorted(), [one, two].sort());
    assert.equal((await reader.queryIndex('tags', 'new')).ids, [made]);
    assert.equal(
      (await reader.getEdges('friends', one)).edges.map(({ toId, data }) => [toId, data]),
      [[made, 7]],
    );
    assert.equal((await reader.getEdges('user_to_list', one)).edges, []);
    await kvetch.deleteEdge('friends', { fromId: one, toId: made });
    assert.equal((await kvetch.getEdges('friends', one)).edges, []);
    await kvetch.updateObject(four, { n: 50 });
    const report = await kvetch.clean({ graceMs: 0 });
    assert.equal(
      [report.missingEdges, report.missingIndex, report.orphanEdges, report.staleIndex, report.errors],
      [0, 0, 0, 0, 0],
    );
    assert.is((await kvetch.getObject(four))?.n, 50);
    for (const id of [...ids, made, ...lists]) await kvetch.deleteObject(id);
  });

  test('a unit over several servers that is refused changes nothing', async () => {
    const ids = await spread(12, { n: 0 });
    const made = kvetch.newId('User');
    changes = [];
    for (const [last, code] of [
      [check(ids[0] as string, { if: { n: 5 } }), 'CONDITION_FAILED'],
      [update(ids[0] as string, { n: 1 }, { ifVersion: 9 }), 'CONFLICT'],
      [update(kvetch.newId('User'), { n: 1 }), 'NOT_FOUND'],
      [insertEdge('friends', { fromId: ids[1] as string, toId: kvetch.newId('User') }), 'NOT_FOUND'],
    ] as const) {
      const members = [create('User', {}, { id: made }), ...ids.map((id) => update(id, { n: increment() })), last];
      const error = (await rejection(kvetch.write(members))) as KvetchError;
      assert.equal([error.code, error.effect, error.member], [code, 'not-applied', 13], error.message);
    }
    assert.equal(changes, []);
    for (const id of ids) assert.is((await kvetch.getObject(id))?.n, 0);
    assert.is(await kvetch.getObject(made), null);
    assert.is(await kvetch.createObject('User', { n: 3 }, { id: made }), made);
    assert.is((await kvetch.getObject(made))?.n, 3);
  });

  test('units over several servers that want the same objects all come true', async () => {
    const ids = await spread(6, { n: 0 });
    const units = Array.from({ length: 20 }, (_, at) =>
      kvetch.write([...ids.slice(at % 6), ...ids.slice(0, at % 6)].map((id) => update(id, { n: increment() }))),
    );
    const alone = ids.map((id) => kvetch.updateObject(id, { n: increment() }));
    await Promise.all([...units, ...alone]);
    for (const id of ids) assert.is((await kvetch.getObject(id))?.n, 21);
  });

  test('of units over several servers that take one unique value one has it, and the others change nothing', async () => {
    const ids = await spread(6, { n: 0 });
    const username = `of ${ids[0]}`;
    const units = ids.map((id) =>
      kvetch.write([...ids.map((one) => update(one, { n: increment() })), update(id, { username })]).then(
        () => null,
        (error: KvetchError) => error,
      ),
    );
    const errors = (await Promise.all(units)).filter((error) => error !== null);
    assert.equal(
      errors.map(({ code, effect }) => [code, effect]),
      ids.slice(1).map(() => ['UNIQUE_VIOLATION', 'not-applied']),
    );
    const records = await Promise.all(ids.map((id) => kvetch.getObject(id)));
    assert.equal(
      records.map((record) => record?.n),
      ids.map(() => 1),
    );
    const owner = records.find((record) => record?.username === username);
    assert.equal((await kvetch.queryIndex('username', username)).ids, [owner?.id]);
    await kvetch.write([
      ...ids.map((id) => update(id, { username: null })),
      create('User', { username: `${username} b` }),
    ]);
    assert.equal((await kvetch.queryIndex('username', username)).ids, []);
    await kvetch.write([...ids.map((one) => update(one, { n: increment() })), create('User', { username })]);
  });

  test('a key over several servers: the unit is written once', async () => {
    const ids = await spread(8, { n: 0 });
    const members = (): UnitMember[] => [create('User', { n: 5 }), ...ids.map((id) => update(id, { n: increment() }))];
    const options = { idempotencyKey: `several ${ids[0]}` };
    const answers = await Promise.all([1, 2, 3].map(() => kvetch.write(members(), options)));
    const again = await kvetch.write(members(), options);
    for (const { objects } of [...answers, again])
      assert.equal(
        objects.map((object) => object?.id),
        answers[0]?.objects.map((object) => object?.id),
      );
    for (const id of ids) assert.is((await kvetch.getObject(id))?.n, 1);
  });

  test.run();
}

for (const [name, open] of [
  ['memory', () => memoryShards(1)],
  ['sqlite', () => sqliteShards({ directory: temporaryDirectory(), count: 1 })],
] as const) {
  const test = suite(`units and unique values: ${name}`);

  test('values are claimed for the unit; a unit that fails gives them back', async () => {
    const kvetch: Kvetch = todoStore(open());
    const ada = await kvetch.createObject('User', { username: 'ada' });
    const { objects } = await kvetch.write([
      create('User', { username: 'bob' }),
      update(ada, { username: 'countess' }),
      create('User', { username: 'eve' }),
    ]);
    assert.equal((await kvetch.queryIndex('username', 'bob')).ids, [objects[0]?.id]);
    assert.equal((await kvetch.queryIndex('username', 'countess')).ids, [ada]);
    assert.equal((await kvetch.queryIndex('username', 'ada')).ids, []);
    const taken = (await rejection(
      kvetch.write([create('User', { username: 'new' }), update(ada, { username: 'bob' })]),
    )) as KvetchError;
    assert.equal([taken.code, taken.member], ['UNIQUE_VIOLATION', 1]);
    const failed = await rejection(
      kvetch.write([update(ada, { username: 'newer' }), check(ada, { if: { username: 'x' } })]),
    );
    assert.is(failed.code, 'CONDITION_FAILED');
    const made = kvetch.newId('User');
    await kvetch.write([
      update(ada, { username: 'contessa' }),
      check(ada, { if: { username: 'countess' } }), // as it was before the unit
      update(ada, { username: 'countess' }, { if: { username: 'contessa' } }), // as the members before it make it
      create('User', { city: 'Turin' }, { id: made }),
      check(made, { if: { city: 'Turin' } }),
    ]);
    await kvetch.write([create('User', { username: 'new' }), create('User', { username: 'newer' })]);
    assert.is((await kvetch.getObject(ada))?.username, 'countess');
    const twins = await rejection(kvetch.write([create('User', { username: 't' }), create('User', { username: 't' })]));
    assert.is(twins.code, 'UNIQUE_VIOLATION');
    assert.equal((await kvetch.queryIndex('username', 't')).ids, []);
    const { conflicts, staleIndex, missingIndex } = await kvetch.clean({ mode: 'full', graceMs: 0 });
    assert.equal([conflicts, staleIndex, missingIndex], [0, 0, 0]);
    await kvetch.close();
  });

  test('the number of members, options and keys are checked', async () => {
    const kvetch: Kvetch = todoStore(open());
    const id = await kvetch.createObject('User', {});
    const many = Array.from({ length: 101 }, () => update(id, { n: increment() }));
    assert.is((await rejection(kvetch.write([]))).code, 'BAD_CALL');
    assert.is((await rejection(kvetch.write(many))).code, 'BAD_CALL');
    assert.is((await rejection(kvetch.write('no list' as unknown as UnitMember[]))).code, 'BAD_CALL');
    assert.is((await kvetch.write(many.slice(1))).objects.at(-1)?.n, 100);
    const wrong = await rejection(kvetch.write(many.slice(1), { idempotencyKy: 'x' } as object));
    assert.match(wrong.message, 'Did you mean "idempotencyKey"?');
    assert.is((await rejection(kvetch.write([check(id)], { idempotencyKey: '' }))).code, 'BAD_VALUE');
    await kvetch.write([{ kind: 'update', id, patch: { by: 'hand' } } as unknown as UnitMember]);
    await kvetch.write([{ kind: 'check', id } as unknown as UnitMember]);
    assert.is((await kvetch.getObject(id))?.by, 'hand');
    assert.throws(() => update(id, {}, { iff: {} } as object), 'Did you mean "if"?');
    assert.throws(() => create('User', {}, { idempotencyKey: 'x' } as object), /idempotencyKey/);
    await kvetch.close();
  });

  test.run();
}
