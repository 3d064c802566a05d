import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ConsistencyToken, createKvetch, defineKvetchSchema, type Kvetch } from '../../src/kvetch.ts';
import { needs } from '../support/needs.ts';
import { backends } from './backends.ts';

/** Sums of what lists are ordered by (spec 6.4.4), on every store. */
const owned = { from: 'Seller', storedOn: 'Review', storedIdAttr: 'seller' } as const;
const schema = defineKvetchSchema({
  objects: [
    { typeId: 1, name: 'Seller' },
    { typeId: 2, name: 'Review', fields: { seller: 'uuid', stars: 'int', weight: 'float', title: 'string' } },
  ],
  edges: [
    { ...owned, edgeId: 10, name: 'worst', orderBy: ['stars', 'title'] },
    { ...owned, edgeId: 11, name: 'best', orderBy: ['-stars'] },
    { ...owned, edgeId: 12, name: 'light', orderBy: ['weight'] },
    { ...owned, edgeId: 13, name: 'heavy', orderBy: ['-weight'] },
    { ...owned, edgeId: 14, name: 'titled', orderBy: ['title', 'stars'] },
    { ...owned, edgeId: 15, name: 'arrived' },
    { edgeId: 20, name: 'basket', from: 'Seller', to: 'Review', fields: { cents: 'int' }, orderBy: ['cents'] },
  ],
  indexes: [
    { name: 'all', type: 'Review', attrs: [], orderBy: ['-stars'], parts: 3 },
    { name: 'few', type: 'Review', attrs: [], orderBy: ['stars'], parts: 1 },
  ],
});

const stars = fc.option(
  fc.oneof(
    fc.integer({ min: -3, max: 5 }),
    fc.maxSafeInteger().map((n) => Math.trunc(n / 64)),
  ),
);
const weight = fc.option(
  fc.oneof(
    fc.constantFrom(0.1, 0.2, -0.3, 1e300, -1e300, -0),
    fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e300, max: 1e300 }),
  ),
);
const reviews = fc.array(fc.record({ stars, weight }), { minLength: 1, maxLength: 12 });

const total = (values: ReadonlyArray<number | null>): number =>
  values.reduce<number>((sum, value) => sum + (value ?? 0), 0);

/** As the specification says: in the order of the list, equal values at once. */
function inOrder(values: ReadonlyArray<number | null>, direction: 1 | -1): number {
  const counts = new Map<number, number>();
  const present = values.flatMap((value) => (value === null ? [] : [value + 0]));
  for (const value of present.sort((a, b) => (a - b) * direction)) counts.set(value, (counts.get(value) ?? 0) + 1);
  return total([...counts].map(([value, count]) => value * count));
}

for (const backend of backends) {
  const test = needs(suite(`sums: ${backend.name}`), ...backend.servers);
  const opened = async (use: (kvetch: Kvetch, changes: string[]) => Promise<void>): Promise<void> => {
    const changes: string[] = [];
    const onWrite = ({ keys }: { readonly keys: readonly string[] }): void => void changes.push(...keys);
    const kvetch = createKvetch({ schema, ...backend.open(), onWrite });
    await use(kvetch, changes).finally(() => kvetch.close());
  };

  test('a sum is the sum of the values in the list, exact or in its order', () =>
    opened(async (kvetch) => {
      const check = fc.asyncProperty(reviews, async (given) => {
        const seller = await kvetch.createObject('Seller', {});
        await kvetch.createObjects(
          'Review',
          given.map((data) => ({ data: { ...data, seller } })),
        );
        const ints = given.map((one) => one.stars);
        const wanted = total(ints);
        for (const list of ['worst', 'best']) assert.is(await kvetch.sumEdges(list, seller, 'stars'), wanted);
        const few = ints.filter((value) => value !== null && value >= 0 && value <= 4);
        const range = { stars: { from: 0, to: 4 } };
        for (const list of ['worst', 'best'])
          assert.is(await kvetch.sumEdges(list, seller, 'stars', { range }), total(few));
        assert.is(
          await kvetch.countEdges('worst', seller, { range: { stars: {} } }),
          ints.filter((n) => n !== null).length,
        );
        const weights = given.map((one) => one.weight);
        assert.is(await kvetch.sumEdges('light', seller, 'weight'), inOrder(weights, 1));
        assert.is(await kvetch.sumEdges('heavy', seller, 'weight'), inOrder(weights, -1));
      });
      await fc.assert(check, { numRuns: backend.isSync ? 60 : 12, endOnFailure: true });
    }));

  test('many at once: sums, counts, and those that are refused', () =>
    opened(async (kvetch) => {
      const [seller, none] = [await kvetch.createObject('Seller', {}), await kvetch.createObject('Seller', {})];
      const ids: string[] = [];
      for (const stars of [5, 3, 3, null]) ids.push(await kvetch.createObject('Review', { seller, stars, title: 'x' }));
      for (const [at, toId] of ids.entries())
        await kvetch.insertEdge('basket', { fromId: seller, toId, data: at === 3 ? null : { cents: 100 * at } });
      const of = (edge: string, sum?: string, more = {}) => ({
        edge,
        fromId: seller,
        ...(sum !== undefined && { sum }),
        ...more,
      });
      const answers = await kvetch.countEdgeLists([
        ...[of('worst', 'stars'), of('worst'), of('best', 'stars', { range: { stars: 3 } }), of('basket', 'cents')],
        ...[of('arrived'), of('worst', undefined, { upTo: 2 }), { ...of('worst', 'stars'), fromId: none }],
        ...[of('arrived', 'stars'), of('titled', 'title'), of('titled', 'stars'), of('worst', 'title')],
        ...[of('worst', 'stars', { upTo: 2 }), of('worst', 'stars', { range: { weight: 1 } })],
      ]);
      assert.equal(answers.slice(0, 7), [11, 4, 6, 300, 4, 2, 0]);
      for (const refused of answers.slice(7)) assert.is((refused as { readonly code?: string }).code, 'BAD_PAGE');
      assert.is(await kvetch.sumIndex('all', {}, 'stars'), 11);
      assert.is(await kvetch.sumIndex('all', {}, 'stars', { range: { stars: { to: 3 } } }), 6);
      await kvetch.sumEdges('worst', seller, 'stars', { first: 1 } as never).then(
        () => assert.unreachable(),
        ({ message }) => assert.match(message, /"first"/),
      );
    }));

  test('a sum that no number has is refused', () =>
    opened(async (kvetch) => {
      const seller = await kvetch.createObject('Seller', {});
      const put = () => kvetch.createObject('Review', { seller, stars: Number.MAX_SAFE_INTEGER, weight: 1.7e308 });
      const last = await put();
      await put();
      for (const [list, attr] of [
        ['worst', 'stars'],
        ['light', 'weight'],
      ] as const)
        await kvetch.sumEdges(list, seller, attr).then(
          () => assert.unreachable(),
          ({ code, message }) => assert.match(`${code} ${message}`, /BAD_VALUE The sum of "\w+" is beyond/),
        );
      await kvetch.updateObject(last, { stars: -Number.MAX_SAFE_INTEGER, weight: -1.7e308 });
      assert.equal(
        [await kvetch.sumEdges('worst', seller, 'stars'), await kvetch.sumEdges('light', seller, 'weight')],
        [0, 0],
      );
    }));

  test('a list of more different values than are added up is refused, and not what can be', () => {
    const kvetch = createKvetch({ schema, ...backend.open(), limits: { maxSummed: 3 } });
    const use = async (): Promise<void> => {
      const [seller, other] = [await kvetch.createObject('Seller', {}), await kvetch.createObject('Seller', {})];
      const put = (stars: number | null, title: string) =>
        kvetch.createObject('Review', { seller, stars, title, weight: stars });
      for (const title of 'abcde') for (const stars of [1, 2, 3, null]) await put(stars, title);
      await kvetch.createObject('Review', { seller: other, stars: 9 });
      const sums = async (more = {}) => {
        const own = ['worst', 'best'].map((edge) => ({ edge, fromId: seller, sum: 'stars', ...more }));
        const found = await kvetch.countEdgeLists([
          ...own,
          ...['light', 'heavy'].map((edge) => ({ edge, fromId: seller, sum: 'weight' })),
          ...[
            { edge: 'worst', fromId: other, sum: 'stars' },
            { edge: 'worst', fromId: seller },
          ],
        ]);
        return found.map((one) => (one instanceof Error ? (one as { readonly code?: string }).code : one));
      };
      assert.equal(await sums(), [30, 30, 30, 30, 9, 20]);
      const last = await put(4, 'x');
      const refused = 'BAD_PAGE';
      assert.equal(await sums(), [refused, refused, refused, refused, 9, 21]);
      assert.equal(await sums({ range: { stars: { from: 2 } } }), [29, 29, refused, refused, 9, 21]);
      const message =
        'The sum of "stars" is refused: the list has more than 3 different values. Ask for a "range", or raise "limits.maxSummed" of createKvetch.';
      for (const read of [() => kvetch.sumEdges('best', seller, 'stars'), () => kvetch.sumIndex('few', {}, 'stars')])
        await read().then(
          () => assert.unreachable(),
          (error) => assert.is(error.message, message),
        );
      await kvetch.deleteObject(last);
      assert.equal(await sums(), [30, 30, 30, 30, 9, 20]);
    };
    return use().finally(() => kvetch.close());
  });

  test('lists that may be long are added up many at once', () =>
    opened(async (kvetch) => {
      const sellers = await kvetch.createObjects(
        'Seller',
        Array.from({ length: 120 }, () => ({ data: {} })),
      );
      const ids = sellers.map((one) => `${one}`);
      await kvetch.createObjects(
        'Review',
        ids.map((seller, stars) => ({ data: { seller, stars } })),
      );
      const asked = ids.flatMap((fromId) => [
        { edge: 'worst', fromId, sum: 'stars' },
        { edge: 'worst', fromId },
        { edge: 'best', fromId, sum: 'stars', range: { stars: { from: 1 } } },
      ]);
      const wanted = ids.flatMap((_, at) => [at, 1, at]);
      assert.equal(await kvetch.countEdgeLists(asked), wanted);
    }));

  test('writers see their sums at once; a changed value is a change of the list that was read', () =>
    opened(async (kvetch, changes) => {
      const seller = await kvetch.createObject('Seller', {});
      const review = await kvetch.createObject('Review', { seller, stars: 1 });
      const read = new Set<string>();
      const sum = async (of: Kvetch): Promise<number> => {
        const requests = [{ edge: 'worst', fromId: seller, sum: 'stars' }];
        const [answer] = await of.reads.counts(requests, { recordDependency: (key) => read.add(key) });
        return answer as number;
      };
      const own = kvetch.with({ freshness: new ConsistencyToken() });
      for (const stars of [4, 2, null, 7]) {
        assert.is(await sum(kvetch), await sum(own));
        changes.length = 0;
        await own.updateObject(review, { stars });
        assert.is(await sum(own), stars ?? 0);
        assert.is(await sum(kvetch), stars ?? 0);
        assert.ok(
          [...read].some((key) => changes.includes(key)),
          `${[...read]} and ${changes}`,
        );
      }
      const scope = kvetch.forRequest();
      assert.equal([await sum(scope), await scope.countEdges('worst', seller)], [7, 1]);
    }));

  test.run();
}
