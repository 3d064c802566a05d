import { inspect } from 'node:util';

/** A process for clocks.test.ts: its clock is off by as many milliseconds as the first argument says. It does what its parent asks. */
const [skewMs = '0', databases = '[]', session = '{}'] = process.argv.slice(2);
const realNow = Date.now.bind(Date);
Date.now = () => realNow() + Number(skewMs);

const { mysqlShards } = await import('../../../src/kvetch-mysql.ts');
const { todoStore } = await import('../todo.ts');
const shards = mysqlShards(
  (JSON.parse(databases) as readonly string[]).map((uri) => ({ uri })),
  { connectionLimit: 2, session: JSON.parse(session) as Record<string, number> },
);
const kvetch = todoStore(shards) as unknown as Record<string, (...args: readonly unknown[]) => Promise<unknown>>;

process.on('message', async ({ method, args }: { method: string; args: readonly unknown[] }) => {
  try {
    const value = method === 'now' ? Date.now() : await kvetch[method]?.(...args);
    process.send?.({ value: value ?? null });
  } catch (error) {
    process.send?.({ error: inspect(error) }); // with its causes
  }
});
