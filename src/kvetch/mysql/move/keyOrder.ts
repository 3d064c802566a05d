import { literal, type SqlValue } from '../literals.ts';

/**
 * What comes behind a row in an order (`>`), or up to and with it (`<=`), spelt out column by column: a comparison of
 * rows would not use the index.
 */
export function behind(
  side: '>' | '<=',
  [column = '', ...others]: readonly string[],
  valueIn: (column: string) => SqlValue,
): string {
  const value = literal(valueIn(column));
  if (others.length === 0) return `${column} ${side} ${value}`;
  return `${column} ${side.slice(0, 1)} ${value} OR (${column} = ${value} AND (${behind(side, others, valueIn)}))`;
}
