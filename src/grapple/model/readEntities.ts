import { type ConstDirectiveNode, type DocumentNode, Kind, parse } from 'graphql';
import { directiveNames, isSubgraph, keyOf } from '../../federation/directives.ts';
import { didYouMean } from '../../utils/didYouMean.ts';
import type { Problems } from '../parse/Problems.ts';
import { argumentNode } from './directiveUse.ts';
import type { EntityKey, EntityModel, GrappleModel } from './Model.ts';
import { indexTypes, type TypeEntry } from './TypeIndex.ts';

type Stored = Pick<GrappleModel, 'pents' | 'indexes' | 'abstractTypes'>;

/** Reads the keys by which a gateway asks for stored objects. Null: the schema is no subgraph. */
export function readEntities(
  document: DocumentNode,
  stored: Stored,
  problems: Problems,
): ReadonlyMap<string, EntityModel> | null {
  if (!isSubgraph(document)) return null;
  const federation = directiveNames(document);
  const names = new Set(stored.pents.map(({ name }) => name));
  const entities = new Map<string, EntityModel>();
  for (const entry of indexTypes(document).values()) {
    if (names.has(entry.name)) refuseExternal(entry, federation, problems);
    const types = names.has(entry.name)
      ? [entry.name]
      : (stored.abstractTypes.find(({ kind, name }) => kind === 'interface' && name === entry.name)?.types ?? []);
    // The object of a type that is not stored is its representation.
    if (entry.kind === 'object' && types.length === 0) continue;
    const keys = entry.directives.flatMap((node) => {
      const key = keyOf(node, federation);
      if (key === null || !key.isResolvable || key.fields === '') return []; // the standard rules report what is missing
      const found = keyFor(entry, key.fields, stored, types, names);
      if (typeof found !== 'string') return [found];
      problems.at(argumentNode(node, 'fields'), `${entry.name} has @key(fields: "${key.fields}"), ${found}`);
      return [];
    });
    if (keys.length > 0) entities.set(entry.name, { types, keys });
  }
  return entities;
}

/** A key as it is planned, or the rest of the sentence that says why it cannot be. */
function keyFor(
  entry: TypeEntry,
  fields: string,
  { pents, indexes }: Stored,
  types: readonly string[],
  stored: ReadonlySet<string>,
): EntityKey | string {
  const unstored = types.find((type) => !stored.has(type));
  if (unstored !== undefined || types.length === 0) {
    const which = unstored ?? 'no type that has it';
    return `and ${which} is not marked @pent: its objects are not found by a key. Add resolvable: false, or take @key away.`;
  }
  const attributes = namesOf(fields);
  if (attributes === null) {
    return 'which is no list of fields without selections of their own. Write the id, or attributes of one @unique.';
  }
  if (attributes.join() === 'id') return { attributes, index: null };
  const known = entry.fields.map(({ name }) => name.value);
  const unknown = attributes.find((name) => !known.includes(name));
  if (unknown !== undefined) return `and no field "${unknown}".${didYouMean(unknown, known) || ' Name fields of it.'}`;
  const shown = new Set(pents.find(({ name }) => name === entry.name)?.attributes.map(({ field }) => field));
  const wanted = [...attributes].sort().join();
  const index = indexes.find(
    ({ type, unique, where, attrs }) =>
      type === entry.name && unique && where === null && [...attrs].sort().join() === wanted,
  );
  if (index?.attrs.every((name) => shown.has(name))) return { attributes: index.attrs, index: index.name };
  const remedies = ['Write @key(fields: "id")'];
  if (entry.kind === 'object') {
    remedies.push(
      attributes.length === 1 ? `mark ${entry.name}.${fields} @unique` : 'declare a @unique of these attributes',
    );
  }
  return `by which no object is found. ${remedies.join(', ')}, or add resolvable: false.`;
}

/** The names in `@key(fields:)`; null where one has a selection of its own, or nothing can be read. */
function namesOf(fields: string): readonly string[] | null {
  try {
    const [definition] = parse(`{ ${fields} }`, { noLocation: true }).definitions;
    if (definition?.kind !== Kind.OPERATION_DEFINITION) return null;
    const names = definition.selectionSet.selections.flatMap((node) =>
      node.kind === Kind.FIELD && node.selectionSet === undefined && node.name.value !== '__typename'
        ? [node.name.value]
        : [],
    );
    return names.length === definition.selectionSet.selections.length ? names : null;
  } catch {
    return null;
  }
}

/** Values of other subgraphs come with representations, and stored objects are read without. */
function refuseExternal(
  { name, directives, fields }: TypeEntry,
  federation: (name: string) => string | null,
  problems: Problems,
): void {
  const isExternal = (node: ConstDirectiveNode): boolean =>
    ['external', 'requires'].includes(federation(node.name.value) ?? '');
  const places = [
    { place: name, nodes: directives },
    ...fields.map((field) => ({ place: `${name}.${field.name.value}`, nodes: field.directives ?? [] })),
  ];
  for (const { place, nodes } of places) {
    const found = nodes.find(isExternal);
    if (found === undefined) continue;
    problems.at(
      found,
      `${place} has @${found.name.value}, but ${name} is stored: its objects know no values of other subgraphs. Take it away, or write the type in a subgraph() of its own.`,
    );
  }
}
