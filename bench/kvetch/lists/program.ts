/**
 * Both programs run in one process, window after window in turn; only their ratio means anything. A server is started for the
 * run, or given by --mysql.
 */
import { parseArgs } from 'node:util';
import { createPool, type Pool } from 'mysql2/promise';
import { createKvetch, defineKvetchSchema, type KvetchOf, type ShardStore } from '../../../src/kvetch.ts';
import { mysqlShard } from '../../../src/kvetch-mysql.ts';
import { redisCache } from '../../../src/kvetch-redis.ts';
import { median } from '../../median.ts';
import { startServers } from '../startServers.ts';

const { values } = parseArgs({
  options: {
    listings: { type: 'string', default: '20000' },
    windows: { type: 'string', default: '15' },
    milliseconds: { type: 'string', default: '150' },
    clients: { type: 'string', default: '1,16' },
    mysql: { type: 'string' },
    redis: { type: 'string' },
  },
});
const [count, windows, milliseconds] = [values.listings, values.windows, values.milliseconds].map(Number) as [
  number,
  number,
  number,
];

const schema = defineKvetchSchema({
  objects: [
    {
      typeId: 1,
      name: 'Listing',
      fields: { category: 'string', status: 'string', priceCents: 'int', title: 'string' },
    },
  ],
  indexes: [{ name: 'shelf', type: 'Listing', attrs: ['category', 'status'], orderBy: ['priceCents'] }],
});
type Store = KvetchOf<typeof schema>;

const CATEGORIES = 20;
const FIRST = 20;
const listing = (n: number) => ({
  category: `category ${n % CATEGORIES}`,
  status: n % 7 === 0 ? 'SOLD' : 'OPEN',
  priceCents: (n * 7919) % 100_000,
  title: `Listing ${n}, as good as new`,
});

/** The same rows in a table of their own, with the index that a page by price needs. */
async function fillTable(pool: Pool): Promise<void> {
  await pool.query('DROP TABLE IF EXISTS listing');
  await pool.query(`CREATE TABLE listing (id BIGINT NOT NULL PRIMARY KEY, category VARCHAR(100) NOT NULL,
    status VARCHAR(20) NOT NULL, price_cents BIGINT NOT NULL, title VARCHAR(200) NOT NULL,
    KEY shelf (category, status, price_cents, id)) ENGINE = InnoDB`);
  for (let start = 0; start < count; start += 1000) {
    const rows = Array.from({ length: Math.min(1000, count - start) }, (_, at) => {
      const { category, status, priceCents, title } = listing(start + at);
      return [start + at, category, status, priceCents, title];
    });
    await pool.query('INSERT INTO listing VALUES ?', [rows]);
  }
  await pool.query('ANALYZE TABLE listing');
}

async function fillKvetch(kvetch: Store): Promise<void> {
  for (let start = 0; start < count; start += 500) {
    const data = Array.from({ length: Math.min(500, count - start) }, (_, at) => ({ data: listing(start + at) }));
    for (const made of await kvetch.createObjects('Listing', data)) if (made instanceof Error) throw made;
  }
}

interface Program {
  readonly name: string;
  /** Asks for a page, and gives its length. */
  readonly ask: (n: number) => Promise<number>;
}

const wanted = (n: number) => ({ category: `category ${n % CATEGORIES}`, from: (n * 31) % 80_000 });

const sql = (pool: Pool, columns: string): Program['ask'] => {
  const text = `SELECT ${columns} FROM listing WHERE category = ? AND status = 'OPEN' AND price_cents >= ?
    ORDER BY price_cents, id LIMIT ${FIRST + 1}`;
  return async (n) => {
    const { category, from } = wanted(n);
    const [rows] = await pool.execute(text, [category, from]);
    return Math.min(FIRST, (rows as readonly unknown[]).length);
  };
};

const shelf = (n: number) => {
  const { category, from } = wanted(n);
  const range = { priceCents: { from } };
  return { index: 'shelf', value: { category, status: 'OPEN' }, first: FIRST, range } as const;
};
const ids =
  (kvetch: Store): Program['ask'] =>
  async (n) => {
    const { index, value, ...page } = shelf(n);
    return (await kvetch.queryIndex(index, value, page)).ids.length;
  };
const objects =
  (kvetch: Store): Program['ask'] =>
  async (n) => {
    const [page] = await kvetch.forRequest().reads.indexObjects([shelf(n)], AS_IN_PLANS);
    if (page === undefined || page instanceof Error) throw page;
    return page.objects.length;
  };

/** Plans read no more of a page. */
const AS_IN_PLANS = { attributes: ['hasNextPage', 'objects'] };
/** V8 compiles what answers until then. */
const WARM_UP = 6000;

interface Window {
  /** Pages a second. */
  readonly rate: number;
  /** Milliseconds of CPU time of this process a page. */
  readonly cpu: number;
}

async function measure({ ask }: Program, clients: number): Promise<Window> {
  let done = 0;
  const begin = performance.now();
  const before = process.cpuUsage();
  const client = async (at: number): Promise<void> => {
    for (let n = at; performance.now() - begin < milliseconds; n += clients) {
      if ((await ask(n)) !== FIRST) throw new Error(`A page of ${FIRST} was expected.`);
      done++;
    }
  };
  await Promise.all(Array.from({ length: clients }, (_, at) => client(at)));
  const { user, system } = process.cpuUsage(before);
  return { rate: (done * 1000) / (performance.now() - begin), cpu: (user + system) / 1000 / done };
}

/** Ratios to the first program, window by window. */
async function compare(title: string, programs: readonly Program[]): Promise<void> {
  for (const clients of values.clients.split(',').map(Number)) {
    for (const { ask } of programs) for (let n = 0; n < WARM_UP; n++) await ask(n);
    const found = programs.map((): Window[] => []);
    for (let window = 0; window < windows; window++)
      for (const [at, program] of programs.entries()) found[at]?.push(await measure(program, clients));
    for (const [at, { name }] of programs.entries()) {
      const own = found[at] ?? [];
      const ratio = median(own.map(({ rate }, window) => (found[0]?.[window]?.rate ?? Number.NaN) / rate));
      const time = ((clients * 1000) / median(own.map(({ rate }) => rate))).toFixed(2);
      const cpu = median(own.map((window) => window.cpu)).toFixed(2);
      console.log(
        `${title}, ${clients} at once: ${name.padEnd(20)} ${time} ms a page, ${cpu} ms of CPU here, ${ratio.toFixed(2)} x plain SQL`,
      );
    }
  }
}

const servers = values.mysql === undefined ? await startServers() : null;
const uri = values.mysql ?? String(servers?.places.mysql[0]).replace(/\/[^/]*$/, '');
const redisUrl = values.redis ?? servers?.places.redis;
const database = `planql_bench_lists_${process.pid}`;
const stores: ShardStore[] = [mysqlShard({ uri, database, createDatabase: true })];
const kvetch = createKvetch({ schema, shards: stores });
await fillKvetch(kvetch);
const pool = createPool({ uri: `${uri}/${database}`, connectionLimit: 10 });
try {
  await fillTable(pool);
  const cache = redisUrl === undefined ? null : redisCache({ url: redisUrl, prefix: `${database}:` });
  const cached = cache === null ? null : createKvetch({ schema, shards: stores, cache });
  await cache?.ready();
  await compare('the page alone', [
    { name: 'plain SQL', ask: sql(pool, 'id') },
    { name: 'Kvetch', ask: ids(kvetch) },
  ]);
  await compare('the page with its objects', [
    { name: 'plain SQL', ask: sql(pool, '*') },
    { name: 'Kvetch', ask: objects(kvetch) },
    ...(cached === null ? [] : [{ name: 'Kvetch behind Redis', ask: objects(cached) }]),
  ]);
  await cache?.close();
} finally {
  await pool.query(`DROP DATABASE ${database}`);
  await pool.end();
  await kvetch.close();
  await servers?.stop();
}
process.exit();
