import { type ConflictError, increment, type UnitMember, update } from '../../../src/kvetch.ts';
import { mysqlCluster } from '../../../src/kvetch-mysql.ts';
import { todoStore } from '../todo.ts';

/**
 * A process that writes random units over few objects until it is killed or told to stop, and prints each: before it is
 * sent, and when it has an answer. argv: the server, its databases, the ids, how many units are under way at a time.
 */
const [uri = '', databases = '', ids = '', writers = '1'] = process.argv.slice(2);
const servers = Object.fromEntries(databases.split(',').map((database, n) => [`s${n}`, { uri, database }]));
const kvetch = todoStore(mysqlCluster({ servers, map: [{ from: 0, to: 4095, server: 's0' }], connectionLimit: 4 }));
const accounts = ids.split(',');
let isStopped = false;

/** The clock of the machine, which all processes share. */
const now = (): number => Number(process.hrtime.bigint() / 1000n);
const random = (below: number): number => Math.floor(Math.random() * below);
const print = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

async function writeOne(unit: string): Promise<void> {
  const some = accounts.toSorted(() => Math.random() - 0.5).slice(0, 2 + random(3));
  const amounts = some.map(() => 1 + random(1 << 30));
  amounts[0] = -amounts.slice(1).reduce((sum, amount) => sum + amount, 0);
  const turns = Math.random() < 0.4 ? some.slice(0, 1 + random(2)) : [];
  const seen = new Map<string, number>();
  for (const id of turns) seen.set(id, Number((await kvetch.getObject(id))?.turn ?? 0));
  const members = some.map((id, at): UnitMember => {
    const sum = increment(amounts[at]);
    const turn = seen.get(id);
    return turn === undefined ? update(id, { sum }) : update(id, { sum, turn: turn + 1 }, { if: { turn } });
  });
  const written = { unit, amounts: some.map((id, at) => [id, amounts[at]]), turns: [...seen] };
  const begin = now();
  print({ ...written, begin });
  try {
    const { objects } = await kvetch.write(members);
    print({ unit, begin, end: now(), ok: true, versions: objects.map((object) => [object?.id, object?.version]) });
  } catch (error) {
    const { code, effect, message } = error as ConflictError;
    print({ unit, begin, end: now(), ok: false, code: code ?? String(error), effect, message });
  }
}

process.stdin.once('data', () => {
  isStopped = true;
});
let count = 0;
await Promise.all(
  Array.from({ length: Number(writers) }, async () => {
    while (!isStopped) await writeOne(`${process.pid}-${count++}`);
  }),
);
print({ stopped: true });
await kvetch.close();
process.exit();
