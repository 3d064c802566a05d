/** Creates that are repeated with their idempotency keys: nothing is done twice, and a key is its viewer's own. */
import { randomUUID } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { FaultPoint } from '../../src/kvetch/KvetchContext.ts';
import { createKvetch, defineKvetchSchema, type Kvetch, memoryShards } from '../../src/kvetch.ts';
import type { ViewerId } from '../../src/pent/contract.ts';
import {
  createPent,
  definePents,
  deletePent,
  denyIf,
  Pent,
  PentContext,
  type PentDefinition,
  type Policy,
  updatePent,
  type WriteHooks,
} from '../../src/pent.ts';
import { type Backend, backends } from '../kvetch/backends.ts';
import { needs } from '../support/needs.ts';

interface Viewer {
  readonly id: ViewerId;
}

const schema = defineKvetchSchema({
  objects: [
    { typeId: 300, name: 'Shelf', fields: { label: 'string' } },
    {
      typeId: 301,
      name: 'Order',
      fields: {
        article: { kind: 'string', required: true },
        number: { kind: 'string', required: true },
        buyer: 'json',
        shelf: 'uuid',
      },
    },
  ],
  edges: [{ edgeId: 30, name: 'orders', from: 'Shelf', storedOn: 'Order', storedIdAttr: 'shelf', colocate: true }],
  indexes: [
    { name: 'order_number', type: 'Order', attr: 'number', kind: 'string', unique: true },
    { name: 'order_article', type: 'Order', attr: 'article', kind: 'string' },
  ],
});

/** What has run around writes. */
let ran: string[] = [];

class Shelf extends Pent {
  static override readonly definition: PentDefinition = { name: 'Shelf', typeId: 300 };
}

class Order extends Pent {
  static override readonly definition: PentDefinition = { name: 'Order', typeId: 301, storedIds: { shelf: ['Shelf'] } };
  static override readonly privacy: Policy<Order, Viewer> = {
    read: [denyIf('of others', ({ $record }, { viewer }) => $record.buyer !== viewer.id)],
  };
  static override readonly hooks: WriteHooks<Order, Viewer> = {
    validators: [() => void ran.push('validator')],
    // What is stored differs each time, has what clients cannot give, and not all that they give.
    before: [
      ({ kind, data: { secret: _secret, ...data } }, { viewer }) => {
        ran.push('trigger');
        return kind === 'create' ? { ...data, number: randomUUID(), buyer: viewer.id } : data;
      },
    ],
    after: [({ kind }) => void ran.push(`observer of ${kind}`)],
  };

  get number(): string {
    return this.$record.number as string;
  }
}

const model = definePents({ schema, pents: [Shelf, Order] });
const once = ['validator', 'trigger', 'observer of create'];
const chosen = ['memory x 3', 'sqlite x 3', 'mysql x 3', 'redis over mysql x 3'];

for (const backend of backends.filter(({ name }) => chosen.includes(name))) repeats(backend);

function repeats(backend: Backend): void {
  const test = needs(suite(`creates that are repeated, ${backend.name}`), ...backend.servers);
  let kvetch: Kvetch;
  let crashAt: FaultPoint | null = null;

  const as = (id: ViewerId): PentContext<Viewer> => new PentContext({ kvetch, model, viewer: { id } });
  const order = (id: ViewerId, key: string, data: object = { article: 'tea' }): Promise<Order | null> =>
    createPent(as(id), Order, data as Record<string, unknown>, { idempotencyKey: key });
  const count = async (): Promise<number> => (await kvetch.browse('Order', { first: 1000 })).objects.length;
  const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
    promise.then(
      () => 'done',
      ({ extensions, code, message }) => extensions?.code ?? code ?? message,
    );

  test.before(() => {
    const faults = (point: FaultPoint): void => {
      if (point !== crashAt) return;
      crashAt = null;
      throw new Error('crash');
    };
    kvetch = createKvetch({ schema, ...backend.open(), faults });
  });
  test.after(() => kvetch.close());
  test.before.each(() => {
    ran = [];
    crashAt = null;
  });

  test('a repeat gives the first object, and runs nothing', async () => {
    const first = await order('ann', 'a');
    assert.equal(ran, once);
    const before = await count();
    for (let n = 0; n < 3; n++) {
      const again = await order('ann', 'a');
      assert.equal([again?.id, again?.number], [first?.id, first?.number]);
    }
    assert.equal(ran, once);
    assert.is(await count(), before);
  });

  test('also in the same request, after an update, and beside its shelf', async () => {
    const shelf = await createPent(as('ann'), Shelf, { label: 'x' });
    const context = as('ann');
    const data = { article: 'tea', shelf: shelf?.id, secret: 'it is not stored' };
    const create = (): Promise<Order | null> => createPent(context, Order, data, { idempotencyKey: 'b' });
    const first = await create();
    await updatePent(context, Order, String(first?.id), { article: 'coffee' });
    ran = [];
    const again = await create();
    assert.is(again?.$record.article, 'coffee');
    assert.is(again?.id, first?.id);
    assert.equal(ran, []);
  });

  test('one that was deleted since is not made again', async () => {
    const first = await order('ann', 'c');
    await deletePent(as('ann'), Order, String(first?.id));
    ran = [];
    assert.is(await order('ann', 'c'), null);
    assert.equal(ran, []);
  });

  test('a key that was used for other data is refused before anything runs', async () => {
    await order('ann', 'd');
    ran = [];
    assert.is(await codeOf(order('ann', 'd', { article: 'coffee' })), 'CONFLICT');
    assert.is(await codeOf(order('ann', 'd', { article: 'tea', secret: 'x' })), 'CONFLICT');
    assert.equal(ran, []);
  });

  test('the order of attributes is nothing of the data', async () => {
    const data = { article: 'tea', secret: { a: 1, b: [2, { c: 3, d: 4 }] } };
    const first = await order('ann', 'o', data);
    ran = [];
    const turned = { secret: { b: [2, { d: 4, c: 3 }], a: 1 }, article: 'tea' };
    assert.is((await order('ann', 'o', turned))?.id, first?.id);
    assert.equal(ran, []);
    const other = { article: 'tea', secret: { a: 1, b: [{ c: 3, d: 4 }, 2] } };
    assert.is(await codeOf(order('ann', 'o', other)), 'CONFLICT');
    const id = randomUUID();
    const plain = { article: 'tea', number: randomUUID(), buyer: { x: 1, y: 2 } };
    await kvetch.createObject('Order', plain, { id });
    const { article, number } = plain;
    assert.is(await kvetch.createObject('Order', { buyer: { y: 2, x: 1 }, number, article }, { id }), id);
    const keyed = { idempotencyKey: 'plain' };
    const made = await kvetch.createObject('Order', { article, number: 'p' }, keyed);
    assert.is(await kvetch.createObject('Order', { number: 'p', article }, keyed), made);
  });

  test('a key of another viewer is another key: it returns nothing of theirs, and tells nothing', async () => {
    const ids = new Set<string | undefined>();
    const viewers: readonly ViewerId[] = ['ann', 'bob', null, 'null', 1, '1', 'ann":x', '"ann"'];
    for (const viewer of viewers) {
      const own = await order(viewer, 'e');
      assert.is(own?.$record.buyer ?? null, viewer);
      ids.add(own?.id);
      assert.is((await order(viewer, 'e'))?.id, own?.id);
    }
    assert.is(ids.size, viewers.length);
    assert.is(await codeOf(order('eve', 'e', { article: 'another' })), 'done');
  });

  test('wherever a create crashes, its repeat completes it, and observers run once at most', async () => {
    const points: readonly FaultPoint[] = ['afterClaim', 'afterObject', 'beforeIndex', 'afterIndex', 'beforeCache'];
    for (const [n, point] of points.entries()) {
      ran = [];
      crashAt = point;
      const before = await count();
      const article = { article: `crash ${n}` };
      await codeOf(order('ann', point, article));
      assert.is(crashAt, null, `${point} was passed`);
      const isMade = (await count()) > before;
      const again = await order('ann', point, article);
      assert.is(again?.$record.article, article.article, point);
      assert.is((await order('ann', point, article))?.id, again?.id, point);
      assert.is(await count(), before + 1, point);
      assert.ok(ran.filter((one) => one === 'observer of create').length <= 1, point);
      assert.is(ran.filter((one) => one === 'trigger').length, isMade ? 1 : 2, `${point}: ${ran}`);
    }
  });

  test('of repeats at one moment one creates, and observers run once', async () => {
    const orders = await Promise.all(Array.from({ length: 5 }, () => order('ann', 'f')));
    assert.is(new Set(orders.map((one) => one?.id)).size, 1);
    assert.is(ran.filter((one) => one === 'observer of create').length, 1);
  });

  test('what was refused may be tried again with its key', async () => {
    const absent = '00000000-0000-4000-8000-000000000000';
    assert.is(await codeOf(order('ann', 'g', { article: 'tea', shelf: absent })), 'NOT_FOUND');
    assert.is((await order('ann', 'g'))?.$record.article, 'tea');
  });

  test.run();
}

const keys = suite('idempotency keys');

keys('a key needs to know whose it is, and to be a text', async () => {
  const kvetch = createKvetch({ schema, shards: memoryShards(1) });
  const create = (options: object, idempotencyKey: unknown = 'k'): Promise<unknown> =>
    createPent(new PentContext({ kvetch, model, viewer: {}, ...options }), Shelf, {}, { idempotencyKey } as never).then(
      (shelf) => shelf?.id,
      (error) => error.extensions?.code ?? error.code,
    );
  assert.is(await create({}), 'NO_VIEWER_ID');
  assert.is(await create({ viewer: { id: undefined } }), 'NO_VIEWER_ID');
  for (const key of ['', 7, null]) assert.is(await create({ viewerId: 'ann' }, key), 'INVALID_INPUT');
  const ann = await create({ viewerId: 'ann' });
  assert.is(await create({ viewer: 'ann' }), ann);
  assert.is(await create({ viewer: { id: 'ann' } }), ann);
  assert.is.not(await create({ viewer: { id: 'ann' }, viewerId: null }), ann);
  for (const id of [Number(undefined), Number.POSITIVE_INFINITY, -Number.POSITIVE_INFINITY, 2 ** 53]) {
    assert.is(await create({ viewer: { id } }), 'BAD_VIEWER_ID', String(id));
    assert.is(await create({ viewer: id }), 'BAD_VIEWER_ID', String(id));
    assert.is(await create({ viewerId: id }), 'BAD_VIEWER_ID', String(id));
  }
  const { message } = await new Promise<Error>((resolve) => {
    try {
      new PentContext({ kvetch, model, viewer: { id: Number('x') } }).viewerId;
    } catch (error) {
      resolve(error as Error);
    }
  });
  assert.is(
    message,
    'The "id" of the viewer of a PentContext is NaN, which does not tell this viewer from all others. Pass a text or a safe number, or null for a viewer who is not signed in.',
  );
  await kvetch.close();
});

keys.run();
