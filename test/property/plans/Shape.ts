/** The types of rows: each row is of one kind, `A`, `B` or `C`; `Thing` and `Either` are abstract, `Node` is a global id. */
export type RowType = 'A' | 'B' | 'C' | 'Thing' | 'Either' | 'Node';

/** What a recipe yields where it yields anything: null is always possible. */
export type Shape =
  | { readonly is: 'int' | 'text' | 'flag' | 'key' }
  | { readonly is: 'row' | 'pages'; readonly of: RowType }
  | { readonly is: 'list'; readonly of: Shape };

export const int: Shape = { is: 'int' };
export const text: Shape = { is: 'text' };
export const flag: Shape = { is: 'flag' };
/** The key of a row. */
export const key: Shape = { is: 'key' };
export const leaves: readonly Shape[] = [int, text, flag, key];

export const listOf = (of: Shape): Shape => ({ is: 'list', of });
export const rowOf = (of: RowType): Shape => ({ is: 'row', of });
/** A connection. */
export const pagesOf = (of: RowType): Shape => ({ is: 'pages', of });

export const objectTypes = ['A', 'B', 'C'] as const;
/** The object types behind each type of rows. */
export const membersOf: Readonly<Record<RowType, readonly ('A' | 'B' | 'C')[]>> = {
  A: ['A'],
  B: ['B'],
  C: ['C'],
  Thing: ['A', 'B'],
  Either: objectTypes,
  Node: objectTypes,
};

/** What every row has; `deep` is an object with an `n` and `ns` of its own. */
export const attributes: Readonly<Record<string, Shape>> = {
  id: key,
  kind: text,
  n: int,
  m: int,
  t: text,
  f: flag,
  to: key,
  other: key,
  ns: listOf(int),
  keys: listOf(key),
};

/** Those that every type has a field for. */
export const ownFields: readonly string[] = ['id', 'kind', 'n', 't', 'ns'];

export function areEqual(a: Shape, b: Shape): boolean {
  return a.is === b.is && JSON.stringify(a) === JSON.stringify(b);
}

/** Rows of every type have the same attributes; those behind `Node` are not there yet. */
export function hasAttributes(shape: Shape): boolean {
  return shape.is === 'row' && shape.of !== 'Node';
}

const leafTypes: Readonly<Record<string, string>> = { int: 'Int', text: 'String', flag: 'Boolean', key: 'ID' };

/** The type of a field, with `!` where `isStrict` says so of the place: outer places first. */
export function typeOf(shape: Shape, isStrict: readonly boolean[]): string {
  const [strict = false, ...inner] = isStrict;
  return `${bareType(shape, inner)}${strict ? '!' : ''}`;
}

function bareType(shape: Shape, inner: readonly boolean[]): string {
  switch (shape.is) {
    case 'list':
      return `[${typeOf(shape.of, inner)}]`;
    case 'row':
      return shape.of;
    case 'pages':
      return `${shape.of}Pages`;
    default:
      return leafTypes[shape.is] as string;
  }
}
