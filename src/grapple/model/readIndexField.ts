import type { FieldDefinitionNode } from 'graphql';
import { didYouMean } from '../../utils/didYouMean.ts';
import type { Problems } from '../parse/Problems.ts';
import { type DirectiveUse, docOf } from './directiveUse.ts';
import type { IndexField, IndexModel } from './Model.ts';
import { listsOf, readingOf } from './readLists.ts';
import { argumentsOf } from './readPentTypes.ts';
import type { TypeIndex } from './TypeIndex.ts';
import { typeShape } from './typeShape.ts';

/** Reads a field of Query with `@pentFromIndex`: its index, or those among which clients choose. */
export function readIndexField(
  place: string,
  field: FieldDefinitionNode,
  use: DirectiveUse,
  types: TypeIndex,
  indexes: readonly IndexModel[],
  problems: Problems,
): IndexField | null {
  const args = argumentsOf(field, types);
  const chosen = (field.arguments ?? []).flatMap((argument) =>
    Object.values(listsOf(argument, types, problems) ?? {}).map((name) => name.replace(/^-/, '')),
  );
  const names = typeof use.args.index === 'string' ? [use.args.index] : chosen;
  const [name] = names;
  if (name === undefined) {
    const known = indexes.map((other) => `"${other.name}"`).join(', ');
    problems.at(
      use.node,
      `${place} does not say which index it reads. Write @pentFromIndex(index: "…")${known === '' ? '' : ` with one of ${known}`}, or take an argument of an enum whose values have @list(of: "…").`,
    );
    return null;
  }
  const found = names.map((wanted) => indexes.find((other) => other.name === wanted));
  const missing = names.find((_, at) => found[at] === undefined);
  const [index] = found;
  if (missing !== undefined || index === undefined) {
    const hint = didYouMean(
      String(missing),
      indexes.map((other) => other.name),
    );
    problems.at(use.node, `${place} looks in the index "${missing}", which no field declares.${hint}`);
    return null;
  }
  const shape = typeShape(field.type);
  const isConnection =
    shape.items === null && types.get(shape.name)?.fields.some((other) => other.name.value === 'edges');
  const values = index.attrs.map((attribute, at) => {
    const own = args.find((argument) => argument.name === attribute);
    // Of one attribute the first argument may be a misspelt one: the checks say so.
    return { argument: own?.name ?? (at === 0 ? args[0]?.name : undefined) ?? '', attribute };
  });
  return {
    ...{ kind: 'index', name: field.name.value, description: docOf(field), args },
    ...{ target: index.type, index: index.name, values },
    shape: isConnection ? 'connection' : shape.items === null ? 'one' : 'list',
    reading: readingOf(
      field,
      types,
      found.map((other) => other?.orderBy ?? []),
      use.args.reverse === true,
      problems,
      index.attrs,
    ),
  };
}
