import { createRequire } from 'node:module';
import type { PoolOptions } from 'mysql2';
import { getOrCreate } from '../../../../src/utils/getOrCreate.ts';
import { type Answer, runStatement } from './statements.ts';
import { Tables, type Value } from './Tables.ts';

/** The JavaScript types of one column of a statement: those of the driver, and those of the simulated server. */
export interface ColumnTypes {
  readonly sql: string;
  readonly column: number;
  readonly real: ReadonlySet<string>;
  readonly simulated: ReadonlySet<string>;
}

interface Asked {
  query(given: unknown, answer?: unknown): unknown;
  execute(given: unknown, answer?: unknown): unknown;
}

type Answered = (error: Error | null, result?: unknown) => void;

const seen = new Map<string, ColumnTypes & { readonly real: Set<string>; readonly simulated: Set<string> }>();

/** What was seen so far. */
export function answersSeen(): readonly ColumnTypes[] {
  return [...seen.values()];
}

/**
 * Runs each statement that the store sends to a real server on a simulated one, too, and notes the types in both answers. To be
 * imported before the store.
 */
const driver = createRequire(import.meta.url)('mysql2');
const { createPool } = driver as {
  createPool(options: PoolOptions): { on(event: string, hear: (raw: Asked) => void): void };
};
const shadows = new Map<string, Tables>();
Object.defineProperty(driver, 'createPool', {
  value: (options: PoolOptions & { readonly uri?: string }) => {
    const name = `${options.host ?? ''} ${options.uri ?? ''} ${options.database ?? ''}`;
    const tables = shadows.get(name) ?? new Tables(() => Date.now() * 1000);
    shadows.set(name, tables);
    const pool = createPool(options);
    pool.on('connection', (raw) => shadow(raw, tables));
    return pool;
  },
});

function shadow(raw: Asked, tables: Tables): void {
  for (const how of ['query', 'execute'] as const) {
    const ask = raw[how].bind(raw);
    raw[how] = (given, answer) => {
      const { sql, values } = given as { readonly sql?: string; readonly values?: readonly Value[] };
      if (sql === undefined || typeof answer !== 'function') return ask(given, answer);
      return ask(given, (error: Error | null, result: unknown) => {
        if (error === null) compare(tables, sql, values ?? [], result);
        (answer as Answered)(error, result);
      });
    };
  }
}

const UNKNOWN = /^(COMMIT|ROLLBACK|START|SET|SHOW|SELECT @@|CREATE DATABASE|ALTER|USE)/;

function compare(tables: Tables, sql: string, values: readonly Value[], result: unknown): void {
  const texts = sql.split(';\n');
  const real = texts.length === 1 ? [result] : (result as readonly unknown[]);
  for (const [at, text] of texts.entries()) {
    if (UNKNOWN.test(text)) continue;
    let simulated: Answer;
    try {
      simulated = runStatement(tables, text, values);
    } catch (error) {
      seen.set(`failed ${text.slice(0, 60)}`, {
        ...{ sql: `${(error as Error).message}: ${text.slice(0, 200)}`, column: -1 },
        ...{ real: new Set(), simulated: new Set() },
      });
      continue;
    }
    if (!('length' in simulated)) continue;
    note(text, real[at], 'real');
    note(text, simulated, 'simulated');
  }
}

function note(sql: string, rows: unknown, which: 'real' | 'simulated'): void {
  const shape = sql.replaceAll(/x'[0-9a-f]*'|'[^']*'|\b\d+\b/g, '?').replaceAll(/\(\?(, *\?)+\)/g, '(?)');
  for (const row of rows as ReadonlyArray<readonly unknown[]>) {
    for (const [column, value] of row.entries()) {
      if (value === null) continue;
      const types = getOrCreate(seen, `${column} ${shape}`, () => ({
        ...{ sql: shape, column, real: new Set<string>(), simulated: new Set<string>() },
      }));
      types[which].add(Buffer.isBuffer(value) ? 'Buffer' : typeof value);
    }
  }
}
