import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createKvetch, defineKvetchSchema, type Kvetch } from '../../src/kvetch.ts';
import { mysqlShard } from '../../src/kvetch-mysql.ts';
import { redisCache } from '../../src/kvetch-redis.ts';
import { needs } from '../support/needs.ts';
import { redisForTests } from '../support/redisServer.ts';
import { typescript } from '../support/repository.ts';
import { mysqlForTests } from '../support/servers.ts';

/** A process with the code before ordered lists beside one with today's, on one MySQL database and one Redis (spec 6.4.5). */
const OLDER = 'b7713dc8^';
const root = fileURLToPath(new URL('../..', import.meta.url));

const objects = [
  { typeId: 1, name: 'Shop', fields: { name: 'string', visits: 'int' } },
  {
    typeId: 2,
    name: 'Listing',
    fields: { shop: 'uuid', category: 'string', price: 'int', slug: 'string' },
  },
] as const;
const listings = { edgeId: 10, name: 'listings', from: 'Shop', storedOn: 'Listing', storedIdAttr: 'shop' } as const;
const plain = {
  objects,
  edges: [listings, { edgeId: 20, name: 'favourites', from: 'Shop', to: 'Listing' }],
  indexes: [
    { name: 'by_category', type: 'Listing', attr: 'category', kind: 'string' },
    { name: 'slug', type: 'Listing', attr: 'slug', kind: 'string', unique: true },
  ],
} as const;
const ordered = defineKvetchSchema({
  ...plain,
  edges: [...plain.edges, { ...listings, edgeId: 11, name: 'cheapest', orderBy: ['price'] }],
  indexes: [...plain.indexes, { name: 'shelf', type: 'Listing', attrs: ['category'], orderBy: ['-price'] }],
});

/** The older process: calls methods of its store, one a line. */
const program = `
import { createInterface } from 'node:readline';
import { createKvetch, defineKvetchSchema } from './src/kvetch.ts';
import { mysqlShard } from './src/kvetch-mysql.ts';
import { redisCache } from './src/kvetch-redis.ts';
const { uri, database, url, prefix, schema } = JSON.parse(process.argv[2]);
const cache = redisCache({ url, prefix, timeoutMs: 1000, ttlSeconds: 60 });
await cache.ready();
const kvetch = createKvetch({
  schema: defineKvetchSchema(schema), shards: [mysqlShard({ uri, database, createDatabase: true })], cache,
});
console.log(JSON.stringify({ n: -1 }));
for await (const line of createInterface({ input: process.stdin })) {
  const { n, method, args } = JSON.parse(line);
  void Promise.resolve().then(() => kvetch[method](...args)).then(
    (value) => ({ n, value: value ?? null }),
    (error) => ({ n, error: { code: error.code, message: error.message } }),
  ).then((answer) => console.log(JSON.stringify(answer)));
}
await kvetch.close();
await cache.close();
`;

type Call = (method: string, ...args: unknown[]) => Promise<unknown>;

/** Calls the store of an older process. */
class Older {
  readonly #process: ChildProcess;
  readonly #open = new Map<number, { done: (value: unknown) => void; fail: (error: Error) => void }>();
  readonly ready: Promise<unknown>;
  readonly #ended: Promise<unknown>;
  #next = 0;

  constructor(folder: string, setting: object) {
    const args = [...typescript, join(folder, 'older.mts'), JSON.stringify(setting)];
    this.#process = spawn(process.execPath, args, { cwd: root, stdio: ['pipe', 'pipe', 'inherit'] });
    this.ready = this.#answer(-1);
    createInterface({ input: this.#process.stdout as NodeJS.ReadableStream }).on('line', (line) => {
      const { n, value, error } = JSON.parse(line);
      const open = this.#open.get(n);
      this.#open.delete(n);
      if (error === undefined) open?.done(value);
      else open?.fail(Object.assign(new Error(error.message), { code: error.code }));
    });
    this.#ended = new Promise((resolve) => this.#process.once('exit', resolve)).then((code) => {
      for (const { fail } of this.#open.values()) fail(new Error(`The older process has ended with ${code}.`));
    });
  }

  readonly call: Call = (method, ...args) => {
    const n = this.#next++;
    this.#process.stdin?.write(`${JSON.stringify({ n, method, args })}\n`);
    return this.#answer(n);
  };

  async close(): Promise<void> {
    this.#process.stdin?.end();
    await this.#ended;
  }

  #answer(n: number): Promise<unknown> {
    return new Promise((done, fail) => this.#open.set(n, { done, fail }));
  }
}

interface Listed {
  readonly edges: ReadonlyArray<{ readonly toId: string }>;
}

/** What a process shows of a shop and of categories. */
async function shown(call: Call, shop: string): Promise<unknown> {
  const ids = async (list: string): Promise<readonly string[]> => {
    const { edges } = (await call('getEdges', list, shop, { first: 1000 })) as Listed;
    return edges.map(({ toId }) => toId);
  };
  const own = await ids('listings');
  const prices = (await call('getObjects', own)) as ReadonlyArray<{ readonly price: number } | null>;
  const byCategory = async (category: string): Promise<readonly string[]> =>
    ((await call('queryIndex', 'by_category', category, { first: 1000 })) as { ids: readonly string[] }).ids;
  return {
    ...{ own, prices: prices.map((one) => one?.price), favourites: await ids('favourites') },
    ...{ books: await byCategory('books'), bikes: await byCategory('bikes') },
    count: await call('countEdges', 'listings', shop),
    visits: ((await call('getObject', shop)) as { readonly visits: number }).visits,
  };
}

const isThere = spawnSync('git', ['cat-file', '-e', `${OLDER}:src/kvetch.ts`], { cwd: root }).status === 0;
const [mysql, redis] = [await mysqlForTests(), await redisForTests()];
const test = needs(suite('older processes'), mysql, redis, 'git');
const run = isThere ? test : test.skip; // a copy without its history has no older code

run('the code before ordered lists and today’s write one store, side by side, and it is upgraded then', async () => {
  mkdirSync(join(root, '.tmp'), { recursive: true });
  const folder = mkdtempSync(join(root, '.tmp', 'older-'));
  const tar = execFileSync('git', ['archive', OLDER, 'src', 'steps', 'package.json', 'tsconfig.json'], {
    ...{ cwd: root, maxBuffer: 1 << 28 },
  });
  execFileSync('tar', ['-x', '-C', folder], { input: tar });
  writeFileSync(join(folder, 'older.mts'), program);
  const setting = { uri: mysql.uri, database: mysql.newDatabase(), url: redis.url, prefix: redis.newPrefix() };
  const older = new Older(folder, { ...setting, schema: plain });
  const caches: { close(): unknown }[] = [];
  const open = async (schema: ReturnType<typeof defineKvetchSchema>): Promise<Kvetch> => {
    const cache = redisCache({ url: redis.url, prefix: setting.prefix, timeoutMs: 1000, ttlSeconds: 60 });
    caches.push(cache);
    await cache.ready();
    const shards = [mysqlShard({ uri: mysql.uri, database: setting.database, createDatabase: true })];
    return createKvetch({ schema, shards, cache }) as Kvetch;
  };
  const callOf =
    (kvetch: Kvetch): Call =>
    (method, ...args) =>
      (kvetch as unknown as Record<string, Call>)[method]?.(...(args as [string])) as Promise<unknown>;
  let newer: Kvetch | null = null;
  try {
    await older.ready;
    const shop = (await older.call('createObject', 'Shop', { name: 'a', visits: 0 })) as string;
    const put = (call: Call, slug: string, price: number, category = 'books'): Promise<unknown> =>
      call('createObject', 'Listing', { shop, slug, price, category });
    for (let n = 0; n < 5; n++) await put(older.call, `o${n}`, n);
    newer = await open(defineKvetchSchema(plain));
    const call = callOf(newer);
    assert.equal(await shown(call, shop), await shown(older.call, shop), 'opened unchanged');

    // Each sees the finished writes of the other, through what both keep in Redis.
    for (let round = 0; round < 4; round++) {
      const [writer, reader] = round % 2 === 0 ? [older.call, call] : [call, older.call];
      await shown(reader, shop);
      const id = (await put(writer, `r${round}`, round, round % 3 === 0 ? 'bikes' : 'books')) as string;
      await writer('insertEdge', 'favourites', { fromId: shop, toId: id });
      assert.equal(await shown(reader, shop), await shown(writer, shop), `round ${round}, added`);
      await reader('updateObject', id, { price: 100 + round, category: 'books' });
      await reader('deleteEdge', 'favourites', { fromId: shop, toId: id });
      assert.equal(await shown(writer, shop), await shown(reader, shop), `round ${round}, changed`);
    }

    // Both write at once, to the same objects, too; nothing is lost, and one value has one owner.
    const visit = async (of: Call): Promise<void> => {
      for (;;) {
        const { visits, version } = (await of('getObject', shop)) as { visits: number; version: number };
        const done = await of('updateObject', shop, { visits: visits + 1 }, { ifVersion: version }).then(
          () => true,
          (error: { readonly code?: string }) => {
            if (error.code !== 'CONFLICT') throw error;
            return false;
          },
        );
        if (done) return;
      }
    };
    const sides = [older.call, call];
    const claims = await Promise.all([
      ...sides.map(async (of, at) => {
        for (let n = 0; n < 10; n++) {
          await visit(of);
          const id = await put(of, `s${at}-${n}`, n);
          if (n % 2 === 0) await of('updateObject', id, { category: 'bikes' });
          if (n % 5 === 0) await of('deleteObject', id);
        }
        return null;
      }),
      ...sides.map((of) => put(of, 'one', 1).catch((error: { readonly code?: string }) => error.code)),
    ]);
    assert.is(claims.filter((one) => one === 'UNIQUE_VIOLATION').length, 1);
    const after = (await shown(call, shop)) as { own: readonly string[]; count: number; visits: number };
    assert.equal(await shown(older.call, shop), after, 'both show the same');
    assert.equal([after.visits, after.own.length, after.count], [20, 5 + 4 + 2 * 8 + 1, 5 + 4 + 2 * 8 + 1]);
    const clean = await newer.clean({ graceMs: 0 });
    assert.equal(
      [clean.missingEdges, clean.orphanEdges, clean.missingIndex, clean.staleIndex, clean.unknown, clean.errors],
      [0, 0, 0, 0, 0, 0],
    );
    assert.equal(await shown(older.call, shop), after, 'a cleaner of today’s code has changed nothing');
    await newer.close();

    // Ordered lists, while the older process still writes against the advice: refused until they are filled in.
    newer = await open(ordered as never);
    const lists = callOf(newer);
    const refused = async (read: Promise<unknown>): Promise<unknown> =>
      read.then(
        () => null,
        (error: { readonly code?: string }) => error.code,
      );
    assert.is(await refused(lists('getEdges', 'cheapest', shop)), 'BUILDING');
    assert.is(await refused(lists('queryIndex', 'shelf', { category: 'books' })), 'BUILDING');
    const right = async (): Promise<void> => {
      const { own, prices } = (await shown(lists, shop)) as { own: readonly string[]; prices: readonly number[] };
      const { edges } = (await lists('getEdges', 'cheapest', shop, { first: 1000 })) as Listed;
      const found = edges.map(({ toId }) => prices[own.indexOf(toId)]);
      assert.equal(
        found,
        prices.toSorted((a, b) => a - b),
      );
      const shelf = (await lists('queryIndex', 'shelf', { category: 'books' }, { first: 1000 })) as Listed & {
        readonly ids: readonly string[];
      };
      const { books } = (await shown(lists, shop)) as { books: readonly string[] };
      assert.equal(shelf.ids.toSorted(), books.toSorted());
    };
    assert.is((await newer.clean({ graceMs: 0 })).errors, 0);
    await right();
    const late = (await put(older.call, 'late', 7)) as string;
    await older.call('updateObject', late, { price: 3 });
    await older.call('deleteObject', after.own[0]);
    await older.close();
    assert.is((await newer.clean({ graceMs: 0 })).errors, 0);
    await right();
    const again = await newer.clean({ graceMs: 0 });
    assert.equal([again.missingEdges, again.orphanEdges, again.errors], [0, 0, 0]);
  } finally {
    await older.close();
    await newer?.close();
    for (const cache of caches) await cache.close();
    rmSync(folder, { recursive: true });
  }
});

test.run();
