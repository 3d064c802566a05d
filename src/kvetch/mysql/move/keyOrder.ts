import { literal, type SqlValue } from '../literals.ts';

/**
 * The condition for rows after a row in an order (`>`), or up to and including it (`<=`). It compares column by column,
 * because MySQL does not use the index for comparisons of row values.
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
