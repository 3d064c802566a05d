import type { InputValueDefinitionNode } from 'graphql';
import type { FieldKind } from '../../kvetch/schema/definitions.ts';
import { didYouMean } from '../../utils/didYouMean.ts';
import { argumentNode, directiveUses } from '../model/directiveUse.ts';
import type { ListReading } from '../model/Model.ts';
import { orderAttribute } from '../model/readLists.ts';
import { printShape, typeShape } from '../model/typeShape.ts';
import { type CheckContext, type FieldUse, useOf } from './CheckContext.ts';
import { checkArguments, checkSize, cursorTypes, type WantedArguments } from './checkArguments.ts';

/** A list that a field reads. */
export interface ReadList {
  readonly name: string;
  readonly orderBy: readonly string[];
}

export interface Readable {
  readonly reading: ListReading;
  readonly isConnection: boolean;
  /** The arguments with values that say whose list it is. */
  readonly values: WantedArguments;
  /** The lists that the field may read; what its enum names is one of them. */
  readonly lists: readonly ReadList[];
  /** The kinds of the attributes by which they may be ordered. */
  readonly kinds: Readonly<Record<string, FieldKind>>;
  /** Whether pages may begin behind an id: those of an ordered index begin behind cursors only. */
  readonly takesIds: boolean;
}

/** Checks how a field reads its list: pages, bounds and choice. */
export function checkReading(field: FieldUse, list: Readable, context: CheckContext): void {
  const { place } = field;
  const { problems } = context;
  const { reading, values } = list;
  const { bounds, choice } = reading;
  const free = Object.fromEntries([...bounds, ...(choice === null ? [] : [choice])].map((one) => [one.argument, []]));
  checkArguments(field, { ...values, ...pages(list), ...free }, problems);
  const [first, last] = [argumentOf(field, 'first'), argumentOf(field, 'last')];
  if (first !== undefined && last !== undefined) {
    for (const { name, defaultValue } of [first, last]) {
      if (defaultValue === undefined) continue;
      problems.at(
        defaultValue,
        `"${name.value}" of ${place} has a default, and clients may give "${name.value === 'first' ? 'last' : 'first'}" instead. Take the default away: a page has 100 entries then.`,
      );
    }
  } else checkSize(field, last === undefined ? 'first' : 'last', problems);
  checkEnds(field, list, problems);
  for (const [at, { argument, attribute }] of bounds.entries()) {
    checkBound(field, argument, attribute, list, context);
    const before = bounds.slice(0, at).find((other) => other.attribute === attribute);
    const node = argumentOf(field, argument);
    if (before === undefined || node === undefined) continue;
    problems.at(node, `The arguments "${before.argument}" and "${argument}" of ${place} bound ${attribute}. Keep one.`);
  }
  const isAmbiguous = useOf(field, 'pentFromIndex')?.args.index !== undefined;
  if (choice === null) return;
  checkChoice(field, choice, list, isAmbiguous, context);
  const use = field.uses.find(({ args }) => args.reverse !== undefined);
  if (use === undefined) return;
  problems.at(
    argumentNode(use.node, 'reverse'),
    `${place} says "reverse", and "${choice.argument}" chooses the list. Say it in the enum: @list(of: "…", reverse: true).`,
  );
}

function argumentOf({ field }: FieldUse, name: string): InputValueDefinitionNode | undefined {
  return field.arguments?.find((argument) => argument.name.value === name);
}

/** The paging arguments of a field. Those of the original are needed: `first`, and `after` where it can be. */
function pages({ reading: { paging }, isConnection, takesIds }: Readable): WantedArguments {
  const place = isConnection ? cursorTypes : ['UUID'];
  const both = paging.includes('last') || paging.includes('before');
  const known: WantedArguments = both
    ? { first: ['Int', 'Int!'], last: ['Int', 'Int!'], before: place, after: place }
    : { first: ['Int! = 100', 'Int', 'Int!'], after: place };
  const hasPlaces = isConnection || takesIds;
  const needed: readonly string[] = both ? paging : hasPlaces ? ['first', 'after'] : ['first', ...paging];
  return Object.fromEntries(Object.entries(known).filter(([name]) => needed.includes(name)));
}

function checkEnds(
  field: FieldUse,
  { reading: { paging }, isConnection, takesIds }: Readable,
  problems: CheckContext['problems'],
): void {
  if (isConnection || takesIds) return;
  for (const name of paging) {
    const argument = argumentOf(field, name);
    if (argument === undefined || (name !== 'after' && name !== 'before')) continue;
    problems.at(
      argument,
      `${field.place} begins pages behind an id, and the entries of its list are found by cursors. Make it a connection, or take "${name}" away.`,
    );
  }
}

const rangeFields: readonly string[] = ['from', 'to', 'startsWith'];

const scalarsOf: Readonly<Partial<Record<FieldKind, readonly string[]>>> = {
  int: ['Int'],
  float: ['Float', 'Int'],
  bool: ['Boolean'],
  string: ['String', 'ID'],
  uuid: ['UUID', 'ID'],
  date: ['DateTime'],
};

function checkBound(
  field: FieldUse,
  argument: string,
  attribute: string,
  { lists, kinds, reading }: Readable,
  { types, problems }: CheckContext,
): void {
  const node = argumentOf(field, argument);
  if (node === undefined) return;
  const { place } = field;
  const wanted = scalarsOf[kinds[attribute] ?? 'json'] ?? [];
  const shape = typeShape(node.type);
  const input = types.get(shape.name);
  if (input?.kind === 'input' && shape.items === null) {
    for (const { name, type } of input.inputFields) {
      const own = typeShape(type);
      if (!rangeFields.includes(name.value)) {
        const hint = didYouMean(name.value, rangeFields) || ' Rename it.';
        problems.at(name, `${input.name}.${name.value} is none of the bounds from, to, startsWith of ${place}.${hint}`);
      } else if (!wanted.includes(own.name) || own.items !== null) {
        problems.at(
          type,
          `${input.name}.${name.value} is ${printShape(own)}, and bounds ${attribute}. Make it ${wanted[0]}.`,
        );
      } else if (name.value === 'startsWith' && kinds[attribute] !== 'string') {
        problems.at(name, `${input.name}.startsWith is for texts, and bounds ${attribute}. Take it away.`);
      }
    }
  } else if (
    shape.items !== null ||
    !(wanted.includes(shape.name) || (kinds[attribute] === 'string' && input?.kind === 'enum'))
  ) {
    problems.at(
      node.type,
      `The argument "${argument}" of ${place} is ${printShape(shape)}, and bounds ${attribute}. Make it ${wanted[0]}, or an input with the fields "from" and "to".`,
    );
  }
  const given = new Set(reading.bounds.map((bound) => bound.attribute));
  const isNext = (orderBy: readonly string[]): boolean => {
    const names = orderBy.map(orderAttribute);
    const at = names.indexOf(attribute);
    return at !== -1 && names.slice(0, at).every((before) => given.has(before));
  };
  if (lists.some(({ orderBy }) => isNext(orderBy))) return;
  const [list] = lists;
  const before = orderAttribute(list?.orderBy[0] ?? '');
  problems.at(
    node,
    `The argument "${argument}" of ${place} bounds ${attribute}, and "${list?.name}" is ordered by ${before} before it. Order a list by ${attribute} first.`,
  );
}

/** Each value of an enum that chooses names a list of this field. */
function checkChoice(
  field: FieldUse,
  { argument, lists: chosen }: NonNullable<ListReading['choice']>,
  { lists }: Readable,
  isAmbiguous: boolean,
  { types, problems }: CheckContext,
): void {
  const { place } = field;
  const node = argumentOf(field, argument);
  if (node === undefined) return;
  const shape = typeShape(node.type);
  if (isAmbiguous) {
    problems.at(
      node,
      `${place} names its index, and "${argument}" chooses one, too. Take "index" of @pentFromIndex away.`,
    );
  }
  if (shape.items !== null || !shape.nonNull) {
    problems.at(
      node.type,
      `The argument "${argument}" of ${place} chooses a list and is ${printShape(shape)}. Make it ${shape.name}! with a default.`,
    );
  }
  const known = lists.map(({ name }) => name);
  for (const { name, directives } of types.get(shape.name)?.values ?? []) {
    const list = chosen[name.value]?.replace(/^-/, '');
    const use = directiveUses(directives, problems).find((other) => other.name === 'list');
    if (list === undefined || use === undefined) {
      problems.at(name, `${shape.name}.${name.value} names no list, and the other values do. Add @list(of: "…").`);
    } else if (!known.includes(list)) {
      const hint = didYouMean(list, known) || ` It reads ${known.map((other) => `"${other}"`).join(', ')}.`;
      problems.at(
        argumentNode(use.node, 'of'),
        `${shape.name}.${name.value} names the list "${list}", which is none that ${place} can read.${hint}`,
      );
    }
  }
}
