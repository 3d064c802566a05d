import type { FieldDefinitionNode, InputValueDefinitionNode } from 'graphql';
import type { FieldKind, IndexKind } from '../../kvetch/schema/definitions.ts';
import { didYouMean } from '../../utils/didYouMean.ts';
import type { Problems } from '../parse/Problems.ts';
import { argumentNode, type DirectiveUse, type DirectiveValue, directiveUses } from './directiveUse.ts';
import type { Attribute, IndexModel, ListReading, PagingArgument, WhereModel } from './Model.ts';
import { snakeCase } from './names.ts';
import type { TypeEntry, TypeIndex } from './TypeIndex.ts';
import { printShape, storedKind, typeShape } from './typeShape.ts';

const indexKinds: readonly string[] = ['string', 'int', 'uuid', 'date', 'bool'] satisfies readonly IndexKind[];

export function isIndexKind(kind: string): kind is IndexKind {
  return indexKinds.includes(kind);
}

/** The attribute of an entry of `orderBy`, without its direction. */
export function orderAttribute(text: string): string {
  return text.replace(/^-/, '');
}

export function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

export function whereOf({ args }: DirectiveUse): WhereModel | null {
  const { where } = args;
  return isWhere(where) ? where : null;
}

function isWhere(value: DirectiveValue | undefined): value is WhereModel {
  return typeof value === 'object' && !Array.isArray(value);
}

/** The name of the index that `@index` or `@unique` declares on an attribute, or on a type. */
export function indexName({ args }: DirectiveUse, type: string, attribute: string | null): string {
  return String(args.name ?? `${snakeCase(type)}_${attribute === null ? 'all' : snakeCase(attribute)}`);
}

/** The indexes of a type, of its own directives and of its fields'. */
export function readIndexes(
  entry: TypeEntry,
  uses: readonly DirectiveUse[],
  attributes: readonly Attribute[],
  problems: Problems,
): readonly IndexModel[] {
  const indexes: IndexModel[] = [];
  const add = (use: DirectiveUse, place: string, attribute: Attribute | null): void => {
    if (use.name !== 'index' && use.name !== 'unique') return;
    const others = textsOf(use.args.with).flatMap((name, at, all) => {
      const found = keyAttribute(name, place, use, attributes, problems);
      if (found === null) return [];
      if (all.indexOf(name) === at && name !== attribute?.name) return [found];
      problems.at(argumentNode(use.node, 'with'), `@${use.name} of ${place} has "${name}" twice. Keep one.`);
      return [];
    });
    const key = attribute === null ? others : [attribute, ...others];
    const { parts } = use.args;
    indexes.push({
      name: indexName(use, entry.name, attribute?.name ?? null),
      type: entry.name,
      attrs: key.map(({ name }) => name),
      kinds: key.flatMap(({ kind }) => (isIndexKind(kind) ? [kind] : [])),
      unique: use.name === 'unique',
      where: whereOf(use),
      orderBy: textsOf(use.args.orderBy),
      parts: typeof parts === 'number' ? parts : null,
    });
  };
  for (const use of uses) add(use, entry.name, null);
  for (const field of entry.fields) {
    const own = directiveUses(field.directives, problems);
    const storedAs = own.find(({ name }) => name === 'genFromStoredId')?.args.field ?? field.name.value;
    const attribute = attributes.find(({ name }) => name === storedAs);
    const place = `${entry.name}.${field.name.value}`;
    for (const use of attribute === undefined ? [] : own) {
      if (use.name !== 'index' && use.name !== 'unique') continue;
      if (isIndexKind(attribute?.kind ?? '')) add(use, place, attribute ?? null);
      else problems.at(use.node, `${place} is ${printShape(typeShape(field.type))}, which cannot be indexed.`);
    }
  }
  return indexes;
}

function keyAttribute(
  name: string,
  place: string,
  { name: directive, node }: DirectiveUse,
  attributes: readonly Attribute[],
  problems: Problems,
): Attribute | null {
  const found = attributes.find((attribute) => attribute.name === name);
  if (found !== undefined && isIndexKind(found.kind)) return found;
  const known = attributes.filter(({ kind }) => isIndexKind(kind)).map((attribute) => attribute.name);
  const what = found === undefined ? 'which is not stored' : 'which cannot be indexed';
  problems.at(
    argumentNode(node, 'with'),
    `@${directive} of ${place} names "${name}", ${what}.${didYouMean(name, known)}`,
  );
  return null;
}

const pagingNames: readonly PagingArgument[] = ['first', 'last', 'before', 'after'];

/**
 * How a field reads its list: by its arguments.
 *
 * @param keys - attributes whose values are arguments of their own.
 */
export function readingOf(
  { arguments: args = [] }: FieldDefinitionNode,
  types: TypeIndex,
  orders: ReadonlyArray<readonly string[]>,
  isReversed: boolean,
  problems: Problems,
  keys: readonly string[] = [],
): ListReading {
  const ordered = new Set(orders.flatMap((orderBy) => orderBy.map(orderAttribute)));
  const paging: PagingArgument[] = [];
  const bounds: { argument: string; attribute: string }[] = [];
  let choice: ListReading['choice'] = null;
  for (const argument of args) {
    const name = argument.name.value;
    const attribute = boundBy(argument, problems);
    const lists = listsOf(argument, types, problems);
    const own = pagingNames.find((one) => one === name);
    if (own !== undefined) paging.push(own);
    else if (lists !== null) choice ??= { argument: name, lists };
    else if (!keys.includes(name) && ordered.has(attribute)) bounds.push({ argument: name, attribute });
  }
  return { paging, bounds, choice, isReversed };
}

/** The attribute that an argument bounds, if an order has it: the one with its name, or that of `@bounds`. */
export function boundBy({ name, directives }: InputValueDefinitionNode, problems: Problems): string {
  const use = directiveUses(directives, problems).find((other) => other.name === 'bounds');
  return String(use?.args.of ?? name.value);
}

/** The lists that the values of an enum name, if they do: an argument of it chooses. */
export function listsOf(
  { type }: InputValueDefinitionNode,
  types: TypeIndex,
  problems: Problems,
): Readonly<Record<string, string>> | null {
  const entry = types.get(typeShape(type).name);
  if (entry?.kind !== 'enum') return null;
  const lists = entry.values.flatMap(({ name, directives }): [string, string][] => {
    const use = directiveUses(directives, problems).find((other) => other.name === 'list');
    return use === undefined ? [] : [[name.value, `${use.args.reverse === true ? '-' : ''}${use.args.of}`]];
  });
  return lists.length === 0 ? null : Object.fromEntries(lists);
}

/** The kinds of the data of a plain edge: those of the fields of the type or input that `data` names. Null without one. */
export function dataKindsOf(
  use: DirectiveUse,
  place: string,
  types: TypeIndex,
  problems: Problems,
): Readonly<Record<string, FieldKind>> | null {
  const { data } = use.args;
  if (typeof data !== 'string') return null;
  const entry = types.get(data);
  const fields = [...(entry?.inputFields ?? []), ...(entry?.fields ?? [])];
  if (entry === undefined || fields.length === 0) {
    const known = [...types.values()].filter(({ kind }) => kind === 'input' || kind === 'object');
    const hint = didYouMean(
      data,
      known.map(({ name }) => name),
    );
    problems.at(
      argumentNode(use.node, 'data'),
      `The data of ${place} is "${data}", which is no input and no type.${hint || ' Define an input with the properties of the data.'}`,
    );
    return null;
  }
  const kinds = fields.flatMap((field): [string, FieldKind][] => {
    const kind = storedKind(typeShape(field.type), types);
    return kind === null ? [] : [[field.name.value, kind]];
  });
  return Object.fromEntries(kinds);
}
