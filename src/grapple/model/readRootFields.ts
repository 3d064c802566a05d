import type { DocumentNode, FieldDefinitionNode } from 'graphql';
import { didYouMean } from '../../utils/didYouMean.ts';
import type { Problems } from '../parse/Problems.ts';
import { directiveUses, docOf } from './directiveUse.ts';
import type { EdgeModel, IndexModel, RootField } from './Model.ts';
import { readIndexField } from './readIndexField.ts';
import { readingOf } from './readLists.ts';
import { argumentsOf, handWrittenResult, pentTargets } from './readPentTypes.ts';
import { rootName, type TypeEntry, type TypeIndex } from './TypeIndex.ts';
import { printShape, typeShape } from './typeShape.ts';

interface RootFields {
  readonly queries: readonly RootField[];
  readonly mutations: readonly RootField[];
}

/** Reads the fields of Query and Mutation. */
export function readRootFields(
  document: DocumentNode,
  types: TypeIndex,
  pents: ReadonlySet<string>,
  { indexes, edges }: { readonly indexes: readonly IndexModel[]; readonly edges: readonly EdgeModel[] },
  problems: Problems,
): RootFields {
  const query = types.get(rootName(document, 'query'));
  const mutation = types.get(rootName(document, 'mutation'));
  const read = (entry: TypeEntry | undefined, one: typeof readQuery): readonly RootField[] =>
    (entry?.fields ?? []).flatMap((field) => one(`${entry?.name}.${field.name.value}`, field) ?? []);
  const readQuery = (place: string, field: FieldDefinitionNode): RootField | null =>
    toQuery(place, field, types, pents, indexes, problems);
  const readMutation = (place: string, field: FieldDefinitionNode): RootField | null =>
    toMutation(place, field, types, pents, edges, problems);
  return {
    queries: read(query, readQuery),
    mutations: read(mutation, readMutation),
  };
}

function base(field: FieldDefinitionNode, types: TypeIndex): Pick<RootField, 'name' | 'description' | 'args'> {
  return {
    name: field.name.value,
    description: docOf(field),
    args: argumentsOf(field, types),
  };
}

function toQuery(
  place: string,
  field: FieldDefinitionNode,
  types: TypeIndex,
  pents: ReadonlySet<string>,
  indexes: readonly IndexModel[],
  problems: Problems,
): RootField | null {
  const uses = directiveUses(field.directives, problems);
  const [use] = uses;
  const shape = typeShape(field.type);
  const common = base(field, types);
  const targets = pentTargets(shape, types, pents);
  switch (use?.name) {
    case 'readPent':
      if (targets.length === 0 && types.has(shape.name)) {
        problems.at(field.type, `${place} reads ${shape.name}, which is not marked @pent.`);
      }
      return { ...common, kind: 'read', targets };
    case 'browsePents':
      if (!pents.has(shape.name) && types.has(shape.name)) {
        problems.at(field.type, `${place} lists ${shape.name}, which is not marked @pent.`);
      }
      return { ...common, kind: 'browse', target: shape.name, reading: readingOf(field, types, [], false, problems) };
    case 'pentFromIndex':
      return readIndexField(place, field, use, types, indexes, problems);
    case 'custom':
    case 'customGen':
      return { ...common, ...handWrittenResult(use.name, field, uses, types) };
    default:
      // Other checks report unknown and misplaced directives.
      if (field.directives?.length) return null;
      problems.at(
        field,
        `${place} does not say where its value comes from: @readPent, @browsePents, @pentFromIndex, @custom or @customGen.`,
      );
      return null;
  }
}

function toMutation(
  place: string,
  field: FieldDefinitionNode,
  types: TypeIndex,
  pents: ReadonlySet<string>,
  edges: readonly EdgeModel[],
  problems: Problems,
): RootField | null {
  const [use] = directiveUses(field.directives, problems);
  const shape = typeShape(field.type);
  const common = base(field, types);
  switch (use?.name) {
    case 'createPent':
    case 'updatePent':
    case 'deletePent': {
      const kind = use.name === 'createPent' ? 'create' : use.name === 'updatePent' ? 'update' : 'delete';
      const payload = types.get(shape.name)?.fields[0];
      const target = kind === 'delete' ? String(use.args.type) : payload && typeShape(payload.type).name;
      if (payload === undefined) {
        // The checks have a better message for unions.
        if (types.get(shape.name)?.kind !== 'union' && (types.has(shape.name) || isBuiltIn(shape.name))) {
          problems.at(field.type, `${place} must give a payload with one field, and gives ${printShape(shape)}.`);
        }
        return null;
      }
      if (kind === 'delete' && use.args.type === undefined) return null;
      if (target === undefined || !pents.has(target)) {
        const hint = didYouMean(String(target), pents);
        problems.at(
          kind === 'delete' ? use.node : field.type,
          `${place} writes ${target}, which is not marked @pent.${hint}`,
        );
        return null;
      }
      const marked = (directive: string): string | null =>
        field.arguments?.find((argument) => argument.directives?.some(({ name }) => name.value === directive))?.name
          .value ?? null;
      return {
        ...common,
        kind,
        target,
        payloadField: payload.name.value,
        versionArgument: marked('versioned'),
        keyArgument: marked('idempotent'),
        conditionArgument: marked('conditional'),
      };
    }
    case 'addEdge':
    case 'removeEdge': {
      const payload = types.get(shape.name)?.fields[0];
      if (payload === undefined || use.args.edge === undefined) return null;
      const edge = edges.find(({ name, storedIdAttr }) => name === use.args.edge && storedIdAttr === null);
      if (edge === undefined) {
        const known = edges.filter(({ storedIdAttr }) => storedIdAttr === null).map(({ name }) => name);
        const hint = didYouMean(String(use.args.edge), known);
        problems.at(
          use.node,
          `${place} writes the edge "${use.args.edge}", which no field declares with @edge.${hint}`,
        );
        return null;
      }
      if (typeShape(payload.type).name !== edge.from) {
        problems.at(
          field.type,
          `${place} gives the object that the edge leads from: the payload must hold ${edge.from}.`,
        );
      }
      const { name, from, to } = edge;
      return {
        ...common,
        kind: use.name,
        edge: name,
        from,
        to,
        inverse: edge.inverse,
        payloadField: payload.name.value,
      };
    }
    case 'custom':
    case 'customGen':
    case 'customMutation':
      return { ...common, ...handWrittenResult(use.name === 'customGen' ? 'customGen' : 'custom', field, [], types) };
    default:
      if (field.directives?.length) return null;
      problems.at(
        field,
        `${place} has no directive that says its effect: @createPent, @updatePent, @deletePent or @customMutation.`,
      );
      return null;
  }
}

function isBuiltIn(name: string): boolean {
  return ['String', 'Int', 'Float', 'Boolean', 'ID', 'UUID', 'DateTime', 'JSON'].includes(name);
}
