import type { RowChange } from '../RowChange.ts';

/** Databases, each with its tables; true: all of them. */
export type Tables = Readonly<Record<string, readonly string[] | true>>;

/** What begins or ends transactions, or changes no row: places, rights, indices, views, programs. */
const harmless =
  /^(?:BEGIN|COMMIT|ROLLBACK|START|SAVEPOINT|RELEASE|XA|SET(?! STATEMENT)|FLUSH|ANALYZE|OPTIMIZE|REPAIR|GRANT|REVOKE|CREATE(?! OR REPLACE TABLE)|ALTER (?:DATABASE|SCHEMA)|(?:DROP|ALTER|RENAME) (?:USER|ROLE|INDEX|VIEW|TRIGGER|EVENT|PROCEDURE|FUNCTION|SERVER|TEMPORARY))\b/i;
/** What changes whole tables. The rest of the statement begins with their names. */
const wholeTables =
  /^(?:TRUNCATE(?: TABLE)?|DROP TABLE(?: IF EXISTS)?|RENAME TABLES?(?: IF EXISTS)?|ALTER (?:ONLINE )?(?:IGNORE )?TABLE(?: IF EXISTS)?|CREATE OR REPLACE TABLE) (.*)$/is;
const droppedDatabase = /^DROP (?:DATABASE|SCHEMA)(?: IF EXISTS)? (.*)$/is;
const name = '(?:`((?:[^`]|``)+)`|([\\w$]+))';
const tableName = new RegExp(`^\\s*${name}(?:\\s*\\.\\s*${name})?`);

/**
 * What a statement of a binlog that brings no rows changes: of the tables that are followed, those that it changes as a
 * whole. Null: it may change rows of any of them.
 */
export function changesOfStatement(statement: string, schema: string, tables: Tables): readonly RowChange[] | null {
  const text = statement
    .replaceAll(/\/\*(?!!)[\s\S]*?\*\/|--\s.*$/gm, ' ')
    .trim()
    .replaceAll(/\s+/g, ' ');
  if (harmless.test(text)) return [];
  const dropped = tableName.exec(droppedDatabase.exec(text)?.[1] ?? '');
  if (dropped !== null) return Object.hasOwn(tables, unquoted(dropped[1], dropped[2]) ?? '') ? null : [];
  const rest = wholeTables.exec(text)?.[1];
  if (rest === undefined) return null;
  const isList = !/^(ALTER|CREATE|TRUNCATE)/i.test(text);
  const changes: RowChange[] = [];
  for (const part of isList ? rest.split(/,| TO /i) : [rest]) {
    const found = tableName.exec(part);
    if (found === null) return null;
    const [first = '', second] = [unquoted(found[1], found[2]), unquoted(found[3], found[4])];
    const [database, table] = second === undefined ? [schema, first] : [first, second];
    if (isFollowed(tables, database, table))
      changes.push({ database, table, kind: 'table', before: null, after: null });
  }
  // The table that an ALTER TABLE ... RENAME makes is one more.
  return /^ALTER .* (RENAME|EXCHANGE) /i.test(text) &&
    changes.length === 0 &&
    !/ RENAME (COLUMN|INDEX|KEY) /i.test(text)
    ? null
    : changes;
}

export function isFollowed(tables: Tables, database: string, table: string): boolean {
  const own = Object.hasOwn(tables, database) ? tables[database] : undefined;
  return own === true || (own?.includes(table) ?? false);
}

function unquoted(quoted: string | undefined, bare: string | undefined): string | undefined {
  return quoted?.replaceAll('``', '`') ?? bare;
}
