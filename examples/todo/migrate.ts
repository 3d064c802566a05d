/** Brings stored objects up to a changed schema; "planql migrate" runs it. It goes on where an earlier run stopped. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type MigrationState, migrate, parseLock } from 'planql/grapple';
import { openStore } from './config.ts';
import { openInvalidator } from './reactive.ts';
import { readSettings } from './settings.ts';

const file = process.env.MIGRATION_STATE ?? '.planql-migration.json';
const settings = readSettings();
const invalidator = await openInvalidator(settings);
const { kvetch, close } = await openStore(settings.store, invalidator === null ? {} : { changes: invalidator.changes });
const stopping = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stopping.abort());
try {
  const state = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as MigrationState) : { done: {} };
  const { moved, complete } = await migrate({
    kvetch,
    lock: parseLock(readFileSync('grapple.lock.json', 'utf8')),
    state,
    onState: (reached) => writeFileSync(file, JSON.stringify(reached)),
    print: console.log,
    signal: stopping.signal,
  });
  console.log(`Moved the values of ${moved} object(s).`);
  if (complete) rmSync(file, { force: true });
  process.exitCode = complete ? 0 : 1;
} finally {
  await close();
  await invalidator?.close();
  await invalidator?.versions.close();
}
