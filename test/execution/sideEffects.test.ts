import { parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type AnyStep,
  constant,
  createEngine,
  each,
  get,
  loader,
  loadOne,
  makeSchema,
  type PlanResolver,
  sideEffect,
} from '../../src/index.ts';

const test = suite('side effects');

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

interface Item {
  readonly name: string;
}

function engineOf(m: PlanResolver, more: Record<string, PlanResolver> = {}): ReturnType<typeof createEngine> {
  const schema = makeSchema({
    typeDefs: `
      type Query { a: Int b: Int }
      type Item { name: String }
      type Mutation { m(id: ID): Item }`,
    objects: { Query: { plans: more }, Mutation: { plans: { m } } },
  });
  return createEngine({ schema });
}

/** A table, and a loader of it, for one test. */
function table(): { rows: Map<unknown, Item>; byId: ReturnType<typeof loader<Item, string>> } {
  const rows = new Map<unknown, Item>([['1', { name: 'old' }]]);
  const byId = loader<Item, string>({ name: 'test.byId', load: (ids) => ids.map((id) => rows.get(id)) });
  return { rows, byId };
}

for (const [kind, operation] of [
  ['a literal', 'mutation { m(id: "1") { name } }'],
  ['a variable', 'mutation ($id: ID = "1") { m(id: $id) { name } }'],
] as const) {
  test(`a load by ${kind} after an effect sees it`, async () => {
    const { rows, byId } = table();
    const engine = engineOf((_$root, { $id }) => {
      sideEffect($id, async (id) => {
        await pause(5);
        rows.set(id, { name: 'new' });
      });
      return loadOne($id, byId);
    });
    const { data } = await engine.execute({ document: parse(operation) });
    assert.equal(JSON.parse(JSON.stringify(data)), { m: { name: 'new' } });
  });
}

test('what was loaded before an effect is loaded again after it', async () => {
  const { rows, byId } = table();
  const engine = engineOf((_$root, { $id }) => {
    const $before = loadOne($id, byId) as AnyStep;
    sideEffect([$id, get($before, 'name')], ([id, name]) => {
      rows.set(id, { name: `${String(name)}er` });
    });
    return loadOne($id, byId);
  });
  const { data } = await engine.execute({ document: parse('mutation { m(id: "1") { name } }') });
  assert.equal(JSON.parse(JSON.stringify(data)), { m: { name: 'older' } });
});

test('effects run in the order in which they were planned', async () => {
  const log: unknown[] = [];
  const engine = engineOf(() => {
    sideEffect(constant('first'), async (name) => {
      await pause(5);
      log.push(name);
    });
    each(constant([1, 2]), ($n) =>
      sideEffect($n, async (n) => {
        await pause(5);
        log.push(n);
      }),
    );
    return sideEffect(constant('last'), (name) => {
      log.push(name);
      return { name };
    });
  });
  await engine.execute({ document: parse('mutation { m { name } }') });
  assert.equal(log, ['first', 1, 2, 'last']);
});

test('an effect may use what optimizing has replaced', async () => {
  const { byId } = table();
  const nested = loader<{ a: { b: Item } }, string>({
    name: 'test.nested',
    load: (ids) => ids.map(() => ({ a: { b: { name: 'deep' } } })),
  });
  const engine = engineOf((_$root, { $id }) => {
    const $deep = get(get(loadOne($id, nested), 'a'), 'b');
    sideEffect($deep, () => {});
    return loadOne($id, byId);
  });
  const { data, errors } = await engine.execute({ document: parse('mutation { m(id: "1") { name } }') });
  assert.is(errors, undefined);
  assert.equal(JSON.parse(JSON.stringify(data)), { m: { name: 'old' } });
});

test('an effect that fails ends its mutation field, and no other', async () => {
  const { rows, byId } = table();
  const engine = engineOf((_$root, { $id }) => {
    sideEffect($id, (id) => {
      if (id === '0') throw new Error('No.');
      rows.set(id, { name: 'new' });
    });
    return loadOne($id, byId);
  });
  const document = parse('mutation { a: m(id: "0") { name } b: m(id: "1") { name } }');
  const { data, errors } = await engine.execute({ document });
  assert.equal(JSON.parse(JSON.stringify(data)), { a: null, b: { name: 'new' } });
  assert.equal(
    errors?.map(({ message, path }) => [message, path]),
    [['No.', ['a']]],
  );
});

test('the effect of a skipped field does not happen, that of a field beside it does', async () => {
  const log: unknown[] = [];
  const effect =
    (name: string): PlanResolver =>
    () =>
      sideEffect(constant(name), (text) => {
        log.push(text);
        return 1;
      });
  const engine = engineOf(() => constant(null), { a: effect('a'), b: effect('b') });
  const document = parse('query ($s: Boolean!) { a @skip(if: $s) b }');
  await engine.execute({ document, variableValues: { s: true } });
  assert.equal(log, ['b']);
  await engine.execute({ document, variableValues: { s: false } });
  assert.equal(log, ['b', 'a', 'b']);
});

test.run();
