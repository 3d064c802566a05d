import type { EdgeField, IndexField, ListReading } from '../model/Model.ts';
import { indent, key, list, quote } from './source.ts';

/** Whether a list is read forward by its first arguments alone: then its plan is one call. */
export function isSimple({ paging, bounds, choice, isReversed }: ListReading): boolean {
  const isForward = paging.every((name) => name === 'first' || name === 'after');
  return isForward && bounds.length === 0 && choice === null && !isReversed;
}

/**
 * The plan of a list with an order of its own, bounds or a choice, statement by statement: formatters leave lists of
 * statements as they are, whatever the length of names.
 */
export function printEdgePlan({ target, edge, shape, reading }: EdgeField): string {
  const read = shape === 'connection' ? 'pentConnection' : 'pentEdge';
  return printBlock('$pent', reading, [], (name) => [read, [target, name, '$pent', 'page']], quote(edge));
}

export function printIndexPlan({ target, index, shape, reading, values }: IndexField): string {
  const read = { connection: 'pentIndexConnection', list: 'pentsFromIndex', one: 'pentFromIndex' }[shape];
  const [only] = values;
  const isBag = values.length !== 1;
  const of = isBag
    ? printObject(
        'const $of = object(',
        values.map(({ argument, attribute }) => `${key(attribute)}: args.$${argument},`),
        ');',
      )
    : `const $of = args.$${only?.argument};`;
  const page = shape === 'one' ? [] : ['page'];
  return printBlock('_$root', reading, [of], (name) => [read, [target, name, '$of', ...page]], quote(index));
}

function printBlock(
  parent: string,
  { paging, bounds, choice, isReversed }: ListReading,
  before: readonly string[],
  call: (list: string) => readonly [name: string, args: readonly string[]],
  name: string,
): string {
  const range = `range: ${printObject(
    '',
    bounds.map(({ argument, attribute }) => `${key(attribute)}: args.$${argument},`),
    ',',
  )}`;
  const parts = [
    ...paging.map((argument) => `$${argument}: args.$${argument},`),
    ...(bounds.length === 0 ? [] : [range]),
    ...(isReversed ? ['reverse: true,'] : []),
  ];
  const [read, args] = call(choice === null ? name : '$list');
  const lines = [
    ...before,
    ...(choice === null
      ? []
      : [
          printObject(
            `const $list = chosenList(args.$${choice.argument}, `,
            Object.entries(choice.lists).map(([value, of]) => `${key(value)}: ${quote(of)},`),
            ');',
          ),
        ]),
    ...(args.includes('page') ? [printObject('const page = ', parts, ';')] : []),
    list(`return ${read}(`, args, ');', 10, false),
  ];
  return `(${parent}, args) => {\n${indent(lines.join('\n'))}\n}`;
}

/** An object with each entry on a line of its own. */
function printObject(before: string, entries: readonly string[], after: string): string {
  return entries.length === 0 ? `${before}{}${after}` : `${before}{\n${indent(entries.join('\n'))}\n}${after}`;
}
