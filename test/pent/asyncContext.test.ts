/** A hundred requests of two tenants at once, whose reads share replies of Redis: each piece of their code runs in its own request. */
import { type DocumentNode, type ExecutionResult, parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine, type Engine } from '../../src/index.ts';
import { type Kvetch, memoryShards, type ShardStore } from '../../src/kvetch.ts';
import { redisCache } from '../../src/kvetch-redis.ts';
import { openedHere } from '../../src/reactive/response/sealExtension.ts';
import {
  createLiveQueries,
  createReactive,
  heldAt,
  type LiveQueries,
  memoryVersions,
  type Reactive,
  type ReactiveExtension,
  type VersionStore,
} from '../../src/reactive.ts';
import { redisVersions } from '../../src/reactive-redis.ts';
import { getOrCreate } from '../../src/utils/getOrCreate.ts';
import { wrapStore } from '../kvetch/backends.ts';
import { needs } from '../support/needs.ts';
import { redisForTests } from '../support/redisServer.ts';
import {
  contextOf,
  fillTenant,
  look,
  misplaced,
  openTenants,
  requests,
  tenantsSchema,
  type Viewer,
  visits,
} from './tenants.ts';

const test = suite('async context of Pent and reactive');
const redis = await redisForTests();
const ends: (() => unknown)[] = [];
test.after.each(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const TENANTS = ['north', 'south'] as const;
const secrets = [{ id: 'a', secret: 'a secret of sufficient length' }];

interface Tenant {
  readonly name: string;
  readonly kvetch: Kvetch;
  readonly reactive: Reactive;
  readonly boards: readonly string[];
}

interface World {
  readonly engine: Engine;
  readonly tenants: readonly Tenant[];
}

interface WorldOptions {
  readonly codegen: 'never' | 'always';
  readonly batching: boolean;
  /** Whether tenants have stores of their own. */
  readonly apart: boolean;
}

const late = (shard: ShardStore): ShardStore =>
  wrapStore(shard, async (_method, run) => {
    await new Promise((resolve) => setTimeout(resolve, 2 * Math.random()));
    return run();
  });

async function openWorld({ codegen, batching, apart }: WorldOptions): Promise<World> {
  const engine = createEngine({ schema: tenantsSchema, codegen });
  const { url, newPrefix } = redis as NonNullable<typeof redis>;
  const versions: VersionStore = apart
    ? redisVersions({ url, prefix: newPrefix(), timeoutMs: 30_000 })
    : memoryVersions();
  ends.push(() => versions.close());
  const open = async (tenant: string): Promise<Omit<Tenant, 'boards' | 'name'>> => {
    const cache = redisCache({ url, prefix: newPrefix(), timeoutMs: 10_000 });
    ends.push(() => cache.close());
    await cache.ready();
    const reactive = createReactive({ engine, versions, secrets, tenant });
    const shards = memoryShards(2).map(late);
    const kvetch = openTenants({
      ...{ shards, cache, changes: reactive.changes },
      ...(batching && { batching: { maxWaitMs: 1 } }),
    });
    return { kvetch, reactive };
  };
  const one = apart ? null : await open('');
  const tenants: Tenant[] = [];
  for (const name of TENANTS) {
    const store = one ?? (await open(name));
    const boards = await fillTenant(store.kvetch, name, viewersOf(name));
    tenants.push({ name, ...store, boards });
  }
  return { engine, tenants };
}

const viewersOf = (tenant: string): readonly string[] => [`ann of ${tenant}`, `bob of ${tenant}`];

const operations = [
  parse('query ($id: ID!, $at: Place) { board(id: $id, at: $at) { id name seenByGetter place lambda stamp } viewer }'),
  parse('query ($id: ID!) { board(id: $id) { titles cards { id title lambda stamp board { name lambda } } } }'),
  parse('query ($id: ID!) { board(id: $id) { resolved { at title board { name place seenByGetter stamp } } } }'),
  parse('query ($id: ID!) { board(id: $id) { shared cards(first: 2) { title } } refused viewer }'),
  parse('{ bySize(size: "large") { name titles(first: 3) lambda shared cards { title stamp } } refused }'),
];

/** The keys of an answer, by position. */
function told(extension: ReactiveExtension | undefined): Readonly<Record<string, readonly string[]>> {
  if (extension === undefined) return {};
  return Object.fromEntries(
    (openedHere(extension).groups ?? []).map((group) => [
      `${group.scope} ${group.at}`,
      [...(heldAt(extension, group)?.keys ?? [])].sort(),
    ]),
  );
}

interface Answer {
  readonly text: string;
  readonly told: Readonly<Record<string, readonly string[]>>;
  readonly status: string | undefined;
}

const FORMS = ['reactive', 'objects', 'text', 'bytes'] as const;

interface Ask {
  readonly tenant: Tenant;
  readonly viewer: Viewer;
  readonly document: DocumentNode;
  readonly board: string;
  readonly form: (typeof FORMS)[number];
}

function ask({ engine }: World, { tenant, viewer, document, board, form }: Ask): Promise<Answer> {
  return requests.run(viewer.request, async () => {
    const args = {
      document,
      variableValues: { id: board, at: 'anywhere' },
      contextValue: contextOf(tenant.kvetch, viewer),
    };
    const plain = (text: string): Answer => ({ text, told: {}, status: undefined });
    if (form === 'text') return plain(await engine.executeToString(args));
    if (form === 'bytes') return plain(new TextDecoder().decode(await engine.executeToBuffer(args)));
    if (form === 'objects') return plain(JSON.stringify(await engine.execute(args)));
    const { extensions, ...result }: ExecutionResult = await tenant.reactive.execute({
      ...args,
      subject: viewer.id,
      extensions: { reactive: { v: 1 } },
    });
    const extension = extensions?.reactive as ReactiveExtension;
    return { text: JSON.stringify(result), told: told(extension), status: extension.status };
  });
}

/** Request number `n`: tenants, viewers, boards, operations and forms in turn. Some ask for a board of the other tenant. */
function askOf({ tenants }: World, n: number): Ask {
  const tenant = tenants[n % 2] as Tenant;
  const other = tenants[(n + 1) % 2] as Tenant;
  const id = viewersOf(tenant.name)[(n >> 1) % 2] as string;
  const boards = n % 7 === 6 ? other.boards : tenant.boards;
  return {
    tenant,
    viewer: { id, tenant: tenant.name, request: `request-${n}-${tenant.name}` },
    document: operations[n % operations.length] as DocumentNode,
    board: boards[(n >> 2) % 2] as string,
    form: FORMS[(n >> 1) % FORMS.length] as Ask['form'],
  };
}

const onRedis = needs(test, redis);
for (const codegen of ['never', 'always'] as const) {
  for (const batching of [false, true]) {
    for (const apart of [false, true]) {
      const title = `codegen ${codegen}${batching ? ', shared calls' : ''}${apart ? ', a store each' : ''}`;
      onRedis(title, async () => {
        const world = await openWorld({ codegen, batching, apart });
        const asks = Array.from({ length: 100 }, (_, n) => askOf(world, n));
        const rounds: (readonly Answer[])[] = [];
        while (rounds.length < 3) rounds.push(await Promise.all(asks.map((one) => ask(world, one))));
        const keys = [new Set<string>(), new Set<string>()] as const;
        for (const [n, one] of asks.entries()) {
          const alone = await ask(world, one);
          for (const [round, answers] of rounds.entries()) assert.equal(answers[n], alone, `round ${round}: ${n}`);
          const other = TENANTS.find((name) => name !== one.tenant.name) as string;
          assert.not.match(alone.text, other);
          const places = new Set(alone.text.match(/request-\d+-\w+|undefined/g));
          places.delete(one.viewer.request);
          assert.equal([...places], [], alone.text);
          for (const key of Object.values(alone.told).flat()) keys[n % 2 === 0 ? 0 : 1].add(key);
        }
        if (apart)
          assert.equal(
            [...keys[0]].filter((key) => keys[1].has(key)),
            [],
          );
        assert.equal(misplaced.splice(0), []);
      });
    }
  }
}

for (const apart of [false, true]) {
  const stores = apart ? ', a store each' : '';
  onRedis(`mutations with rules and hooks, some of one object${stores}`, async () => {
    const world = await openWorld({ codegen: 'always', batching: true, apart });
    const renames = await Promise.all(
      Array.from({ length: 24 }, async (_, n) => {
        const one = askOf(world, n);
        const [board, other] = one.tenant.boards as [string, string];
        const card = await one.tenant.kvetch.createObject('Card', {
          title: 'new',
          board: n % 3 === 0 ? other : board,
        });
        return { ...one, card };
      }),
    );
    visits.clear();
    await Promise.all(
      renames.flatMap((one, n) => {
        const common = renames[n % 2] as typeof one;
        return [rename(one, one.card, `by ${one.viewer.request}`), rename(one, common.card, `by anybody ${n}`)];
      }),
    );
    assert.equal(misplaced.splice(0), []);
    assert.is(visits.get('observer behind a read'), 48);
    assert.is(visits.get('report of observer of update Card'), 48);
  });

  onRedis(`events of subscriptions${stores}`, async () => {
    const world = await openWorld({ codegen: 'always', batching: true, apart });
    const asks = Array.from({ length: 40 }, (_, n) => askOf(world, n)).filter((_, n) => n % 7 !== 6);
    await Promise.all(asks.map((one, n) => follow(one, n % 4 < 2 ? 'changes' : 'heard')));
    assert.equal(misplaced.splice(0), []);
    assert.ok((visits.get('event behind a read') ?? 0) >= 3 * asks.length);
  });

  onRedis(`live queries, each in its own request${stores} [11.7.16]`, async () => {
    const world = await openWorld({ codegen: 'always', batching: true, apart });
    const asks = Array.from({ length: 24 }, (_, n) => askOf(world, n)).filter((_, n) => n % 7 !== 6);
    const watchers = asks.map((one, n) => watch(one, n % 3 === 0 ? 'alone' : 'shared'));
    for (const title of ['first', 'second', 'third']) {
      await Promise.all(watchers.map((watcher) => watcher.sees(title === 'first' ? ' of ' : title)));
      const next = { first: 'second', second: 'third', third: '' }[title];
      if (next === '') break;
      await requests.run('a writer', () =>
        Promise.all(
          world.tenants.flatMap(({ name, kvetch, boards }) =>
            boards.map((id) => kvetch.updateObject(id, { name: `${next} of ${name}` })),
          ),
        ),
      );
    }
    for (const watcher of watchers) await watcher.end();
    assert.equal(misplaced.splice(0), []);
  });
}

async function rename({ tenant, viewer }: Ask, card: string, title: string): Promise<void> {
  const document = parse(
    'mutation ($id: ID!, $title: String) { rename(id: $id, data: { title: $title }) { card { id title lambda stamp board { name } } } }',
  );
  const { data, errors, extensions } = await requests.run(viewer.request, () =>
    tenant.reactive.execute({
      document,
      variableValues: { id: card, title },
      contextValue: contextOf(tenant.kvetch, viewer),
      subject: viewer.id,
      extensions: { reactive: { v: 1, held: 'position' } },
    }),
  );
  assert.is(errors, undefined);
  const found = JSON.parse(JSON.stringify(data)).rename.card;
  assert.equal([found.id, found.lambda], [card, viewer.request]);
  const { invalidated = '' } = (extensions as { reactive: ReactiveExtension }).reactive;
  const { text } = tenant.reactive.sets.of(viewer.id).open(invalidated, [{ seed: 'position', count: 1 }]);
  assert.is(text, tenant.reactive.wireKeys.of(`o:${card}`));
}

async function follow({ tenant, viewer, board }: Ask, field: string): Promise<void> {
  await requests.run(viewer.request, async () => {
    const events = await tenant.reactive.subscribe({
      document: parse(`subscription ($id: ID!) { ${field}(id: $id) { at board { name lambda titles } } }`),
      variableValues: { id: board },
      contextValue: contextOf(tenant.kvetch, viewer),
      subject: viewer.id,
      extensions: { reactive: { v: 1 } },
    });
    assert.ok(Symbol.asyncIterator in events, JSON.stringify(events));
    let count = 0;
    for await (const { data, errors, extensions } of events) {
      assert.is(errors, undefined);
      const event = JSON.parse(JSON.stringify(data))[field];
      assert.equal([event.at, event.board.lambda], [`${viewer.request} ${viewer.request}`, viewer.request]);
      const keys = Object.values(told(extensions?.reactive as ReactiveExtension)).flat();
      assert.ok(keys.includes(tenant.reactive.wireKeys.of(`o:${board}`)));
      count++;
    }
    assert.is(count, 3);
  });
}

interface Watcher {
  /** Resolves when a result has a text. */
  sees(text: string): Promise<void>;
  end(): Promise<unknown>;
}

function watch({ tenant, viewer, board }: Ask, kind: 'alone' | 'shared'): Watcher {
  const args = {
    document: parse('query ($id: ID!) @live { board(id: $id) { name lambda titles seenByGetter } viewer }'),
    variableValues: { id: board },
    subject: viewer.id,
    context: () => {
      look('context of a live run', { viewer });
      return contextOf(tenant.kvetch, viewer);
    },
  };
  const live = getOrCreate(liveOf, tenant.reactive, () => createLiveQueries({ reactive: tenant.reactive }));
  return requests.run(viewer.request, () => {
    const results = kind === 'alone' ? tenant.reactive.live(args) : live.execute(args);
    assert.ok(Symbol.asyncIterator in results);
    return {
      sees: async (text) => {
        for await (const { data, errors } of keptOpen(results)) {
          assert.is(errors, undefined);
          const found = JSON.stringify(data);
          const places = new Set(found.match(/request-\d+-\w+|undefined/g));
          assert.is(places.size, 1, found);
          if (kind === 'alone') assert.ok(places.has(viewer.request), found);
          if (found.includes(text)) return;
        }
      },
      end: () => results.return(),
    };
  });
}

const liveOf = new Map<Reactive, LiveQueries>();

/** The items of a generator that does not end with the loop. */
function keptOpen<T>(items: AsyncGenerator<T, void, void>): AsyncIterable<T> {
  return { [Symbol.asyncIterator]: () => ({ next: () => items.next() }) };
}

test.run();
