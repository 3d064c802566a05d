/** How generated TypeScript is written: as Biome and Prettier would, at 120 columns with single quotes. */
import { itemAt } from '../../utils/itemAt.ts';

export const WIDTH = 120;

/** A text literal. Whatever the text is, it stays a text. */
export function quote(text: string): string {
  const json = JSON.stringify(text)
    .slice(1, -1)
    .replaceAll('\\"', '"')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');
  const singles = text.split("'").length;
  const doubles = text.split('"').length;
  return singles > doubles ? `"${json.replaceAll('"', '\\"')}"` : `'${json.replaceAll("'", "\\'")}'`;
}

/** A name as key of an object: in quotes where it must be. */
export function key(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : quote(name);
}

/** A value of JSON as a literal on one line. */
export function literal(value: unknown): string {
  if (typeof value === 'string') return quote(value);
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (value instanceof Date) return `new Date(${quote(value.toISOString())})`;
  if (typeof value !== 'object' || value === null) return String(value);
  const entries = Object.entries(value).map(([name, inner]) => `${key(name)}: ${literal(inner)}`);
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}

/** A value of JSON as an object with each entry on a line of its own: formatters leave it so. */
export function object(value: object): string {
  const entries = Object.entries(value).map(([name, inner]) => `${key(name)}: ${literal(inner)},`);
  return `{\n${indent(entries.join('\n'))}\n}`;
}

/** Lines two columns further in; empty ones stay empty. */
export function indent(text: string): string {
  return text.replace(/^(?=[^\n])/gm, '  ');
}

/** A doc comment; nothing without a text. Nothing in the text can end it. */
export function comment(text: string | null): string {
  if (text === null || text.trim() === '') return '';
  const lines = text
    .trim()
    .replaceAll('*/', '*\\/')
    .split(/\r\n|[\r\n\u2028\u2029]/);
  if (lines.length === 1) return `/** ${lines[0]?.trim()} */\n`;
  return `/**\n${lines.map((line) => ` * ${line.trimEnd()}`.trimEnd()).join('\n')}\n */\n`;
}

/**
 * `before` + items + `after` on one line where that fits behind `column`, else each item on its own line.
 *
 * @param column - how much of the line is taken already.
 */
export function list(before: string, items: readonly string[], after: string, column = 0, spaced = true): string {
  const [open, close] = spaced && items.length > 0 ? [`${before} `, ` ${after}`] : [before, after];
  const line = `${open}${items.join(', ')}${close}`;
  if (!line.includes('\n') && column + line.length <= WIDTH) return line;
  return `${before}\n${indent(items.map((item) => `${item},`).join('\n'))}\n${after}`;
}

/** A list of names to import, in the order that Biome gives them. */
export function importLine(names: readonly string[], from: string, typeOnly = false): string {
  if (names.length === 0) return '';
  const sorted = [...new Set(names)].sort(byName);
  return `${list(`import ${typeOnly ? 'type ' : ''}{`, sorted, `} from ${quote(from)};`)}\n`;
}

/** Biome's natural order, `A < a < B < b`, with `type X` at the place of X. */
function byName(a: string, b: string): number {
  const ranks = (name: string): number[] => Array.from(name.replace(/^type /, ''), rank);
  const left = ranks(a);
  const right = ranks(b);
  for (let at = 0; at < Math.min(left.length, right.length); at++) {
    const difference = itemAt(left, at) - itemAt(right, at);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

function rank(letter: string): number {
  const folded = letter.toLowerCase();
  return folded.charCodeAt(0) * 2 + (letter === folded ? 1 : 0);
}

/** Those of some names that code names outside of comments and texts, and not as a member or key. */
export function namesIn(code: string, names: readonly string[]): readonly string[] {
  const bare = code.replace(/\/\*[\s\S]*?\*\/|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/g, ' ');
  return names.filter((name) => new RegExp(`(?<![.$\\w])${name}\\b(?!:)`).test(bare));
}

/** The names that generated files import from planql: no type can have them. */
export const imported: Readonly<Record<'plans' | 'pents' | 'pentTypes' | 'elsewhere', readonly string[]>> = {
  plans: [
    ...['addingEdge', 'assertWritten', 'authorizePent', 'browsePents', 'chosenList', 'creating', 'definePents'],
    ...['deleting', 'method', 'pent', 'pentConnection', 'pentEdge', 'pentFromIndex', 'pentHasEdge'],
    ...['pentIndexConnection', 'pentStoredId', 'pentsFromIndex', 'planPent', 'removingEdge', 'scalars', 'updating'],
  ],
  pents: ['copyDates', 'Pent', 'readEdgeList', 'readHasEdge', 'readStoredId'],
  pentTypes: ['ListArgs', 'PageArgs', 'PentDefinition', 'PentContext', 'MaybePromise', 'Ref'],
  elsewhere: [
    ...['GraphQLSchema', 'KvetchSchema', 'PentModel', 'PlanResolver', 'Policy', 'defineKvetchSchema', 'denyAll'],
    ...['kvetchSchema', 'makeSchema', 'model', 'object', 'readFileSync', 'schema', 'typeDefs'],
    ...['coalesce', 'get', 'inhibitOnNull', 'subgraph', 'trap', 'TRAP_INHIBITED'],
  ],
};
