import type { ConstDirectiveNode, DocumentNode } from 'graphql';
import type { Problems } from '../parse/Problems.ts';
import { directiveUses, docOf } from './directiveUse.ts';
import type { AbstractModel, EnumModel, GrappleModel, InputModel, PlainType } from './Model.ts';
import { printClientSdl } from './printClientSdl.ts';
import { readEntities } from './readEntities.ts';
import { readPentTypes } from './readPentTypes.ts';
import { readRootFields } from './readRootFields.ts';
import { indexTypes, type TypeEntry, type TypeIndex } from './TypeIndex.ts';
import { tsType, typeShape } from './typeShape.ts';

/**
 * Reads the model of a document. Mistakes are problems; the model is whole only where there is none.
 *
 * @param whole - the document with the directives of federation.
 */
export function readModel(document: DocumentNode, whole: DocumentNode, problems: Problems): GrappleModel {
  const types = indexTypes(document);
  const { pents, edges, indexes } = readPentTypes(types, problems);
  const pentNames = new Set(pents.map(({ name }) => name));
  const root = readRootFields(document, types, pentNames, { indexes, edges }, problems);
  const entries = [...types.values()];
  const abstractTypes = entries.flatMap((entry) => toAbstract(entry, entries));
  const abstractMembers = new Set(abstractTypes.flatMap((type) => type.types));
  return {
    byDefault: readDefault(document, problems),
    pents,
    edges,
    indexes,
    queries: root.queries,
    mutations: root.mutations,
    enums: entries.filter(({ kind }) => kind === 'enum').map(toEnum),
    inputs: entries.filter(({ kind }) => kind === 'input').map((entry) => toInput(entry, types)),
    abstractTypes,
    scalars: entries.filter(({ kind }) => kind === 'scalar').map(({ name }) => name),
    plainTypes: entries
      .filter(({ kind, name, isRoot }) => kind === 'object' && !pentNames.has(name) && !isRoot)
      .map((entry) => toPlain(entry, types, abstractMembers.has(entry.name))),
    entities: readEntities(whole, { pents, indexes, abstractTypes }, problems),
    sdl: printClientSdl(whole),
  };
}

/** The directives of the schema itself. */
export function schemaDirectives({ definitions }: DocumentNode): readonly ConstDirectiveNode[] {
  return definitions.flatMap((node) =>
    node.kind === 'SchemaDefinition' || node.kind === 'SchemaExtension' ? (node.directives ?? []) : [],
  );
}

function readDefault(document: DocumentNode, problems: Problems): GrappleModel['byDefault'] {
  const use = directiveUses(schemaDirectives(document), problems).find(({ name }) => name === 'byDefault');
  const access = use?.args.access;
  return access === 'allow' || access === 'deny' ? access : null;
}

function toEnum({ name, description, values }: TypeEntry): EnumModel {
  const documented = values.map((value) => ({ name: value.name.value, description: docOf(value) }));
  return { name, description, values: documented };
}

function toInput({ name, description, inputFields }: TypeEntry, types: TypeIndex): InputModel {
  const fields = inputFields.map((field) => {
    const shape = typeShape(field.type);
    return {
      name: field.name.value,
      description: docOf(field),
      tsType: tsType(shape, types),
      optional: !shape.nonNull && field.defaultValue === undefined,
    };
  });
  return { name, description, fields };
}

function toAbstract(
  { name, kind, description, members }: TypeEntry,
  entries: readonly TypeEntry[],
): readonly AbstractModel[] {
  if (kind !== 'union' && kind !== 'interface') return [];
  const types =
    kind === 'union'
      ? members.map((member) => member.name.value)
      : entries
          .filter((entry) => entry.kind === 'object' && entry.interfaces.some((node) => node.name.value === name))
          .map((entry) => entry.name);
  return [{ kind, name, description, types }];
}

function toPlain({ name, description, fields }: TypeEntry, types: TypeIndex, tellsType: boolean): PlainType {
  return {
    name,
    description,
    tellsType,
    fields: fields.map((field) => {
      const shape = typeShape(field.type);
      return {
        name: field.name.value,
        description: docOf(field),
        tsType: tsType(shape, types),
        optional: !shape.nonNull,
      };
    }),
  };
}
