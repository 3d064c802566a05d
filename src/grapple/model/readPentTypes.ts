import type { FieldDefinitionNode } from 'graphql';
import type { FieldKind, OnDelete } from '../../kvetch/schema/definitions.ts';
import { didYouMean } from '../../utils/didYouMean.ts';
import type { Problems } from '../parse/Problems.ts';
import { argumentNode, type DirectiveUse, directiveUses, docOf } from './directiveUse.ts';
import type {
  ArgumentModel,
  Attribute,
  ConnectionTypes,
  CustomField,
  EdgeModel,
  IndexModel,
  PentField,
  PentModel,
  TypePrivacy,
} from './Model.ts';
import { readAddedUp } from './readAddedUp.ts';
import { readHasEdge } from './readHasEdge.ts';
import { dataKindsOf, readIndexes, readingOf, textsOf, whereOf } from './readLists.ts';
import type { TypeEntry, TypeIndex } from './TypeIndex.ts';
import { printShape, scalarTypes, storedKind, type TypeShape, tsType, typeShape } from './typeShape.ts';

/** Fields that every object has without storing them as attributes. */
export const systemFields: Readonly<Record<string, string>> = {
  id: 'UUID!',
  typeId: 'Int!',
  version: 'Int!',
  createdAt: 'DateTime!',
  updatedAt: 'DateTime!',
};

interface PentTypes {
  readonly pents: readonly PentModel[];
  readonly edges: readonly EdgeModel[];
  readonly indexes: readonly IndexModel[];
}

/** A type while it is read: facts from the fields of other types are added. */
interface Draft {
  readonly entry: TypeEntry;
  readonly typeId: number;
  readonly uses: readonly DirectiveUse[];
  readonly renamedFrom: readonly string[];
  readonly attributes: Attribute[];
  readonly fields: PentField[];
}

/** Reads the types marked `@pent`, with the edges and indexes of their fields. */
export function readPentTypes(types: TypeIndex, problems: Problems): PentTypes {
  const drafts = new Map<string, Draft>();
  for (const entry of types.values()) {
    const uses = directiveUses(entry.directives, problems);
    const pent = uses.find(({ name }) => name === 'pent');
    if (pent === undefined) continue;
    drafts.set(entry.name, {
      entry,
      typeId: Number(pent.args.typeId ?? 0),
      uses,
      renamedFrom: renamedFrom(uses),
      attributes: [],
      fields: [],
    });
  }
  const edges: EdgeModel[] = [];
  for (const draft of drafts.values()) {
    for (const field of draft.entry.fields) readField(draft, field, types, drafts, problems);
  }
  // Lists last: they need to know all attributes.
  const indexes = [...drafts.values()].flatMap(({ entry, uses, attributes }) =>
    readIndexes(entry, uses, attributes, problems),
  );
  for (const draft of drafts.values()) {
    for (const field of draft.entry.fields) readEdgeField(draft, field, types, drafts, edges, problems);
  }
  for (const { entry, fields } of drafts.values()) {
    for (const field of entry.fields) {
      const found = readHasEdge(entry.name, field, edges, problems) ?? readAddedUp(entry.name, field, edges, problems);
      if (found !== null) fields.push(found);
    }
  }
  const pents = [...drafts.values()].map(
    ({ entry, typeId, attributes, fields, uses, renamedFrom }): PentModel => ({
      name: entry.name,
      description: entry.description,
      typeId,
      attributes: withRules(entry, attributes, problems),
      fields: inOrder(entry, fields),
      privacy: privacyOf(entry, uses, attributes, problems),
      expiresAt: expiryOf(entry, uses, attributes, problems),
      renamedFrom,
    }),
  );
  return { pents, edges, indexes };
}

/** Attributes that can hold milliseconds since 1970: an `Int` of GraphQL ends before. */
const timeKinds: ReadonlySet<FieldKind> = new Set(['date', 'float']);

function expiryOf(
  { name }: TypeEntry,
  uses: readonly DirectiveUse[],
  attributes: readonly Attribute[],
  problems: Problems,
): string | null {
  const use = uses.find((other) => other.name === 'pent');
  const expiresAt = use?.args.expiresAt;
  if (use === undefined || typeof expiresAt !== 'string') return null;
  const attribute = attributes.find((other) => other.name === expiresAt);
  if (attribute !== undefined && timeKinds.has(attribute.kind)) return expiresAt;
  const times = attributes.filter(({ kind }) => timeKinds.has(kind)).map((other) => other.name);
  const problem = attribute === undefined ? `which ${name} does not store` : 'which is no time';
  const remedy = didYouMean(expiresAt, times) || ' Name an attribute of the type DateTime.';
  problems.at(argumentNode(use.node, 'expiresAt'), `@pent(expiresAt:) names "${expiresAt}", ${problem}.${remedy}`);
  return null;
}

function privacyOf(
  entry: TypeEntry,
  uses: readonly DirectiveUse[],
  attributes: readonly Attribute[],
  problems: Problems,
): TypePrivacy | null {
  for (const { name, args, node } of uses) {
    if (name === 'public') return { public: true };
    if (name === 'privacy' && typeof args.rule === 'string') return { policy: args.rule };
    if (name !== 'sameAs' || typeof args.field !== 'string') continue;
    const attribute = storedIdBehind(entry, args.field, attributes, problems);
    if (attribute !== null) return { sameAs: attribute };
    const known = entry.fields
      .map((field) => field.name.value)
      .filter((other) => storedIdBehind(entry, other, attributes, problems) !== null);
    const hint = didYouMean(args.field, known);
    problems.at(
      argumentNode(node, 'field'),
      `${entry.name} is to be readable as the object in ${entry.name}.${args.field} is, which is no stored id.${hint || ' Name a field with @genFromStoredId.'}`,
    );
  }
  return null;
}

/** The attribute with the id, by its own name or by that of the field which loads the object. */
function storedIdBehind(
  { fields }: TypeEntry,
  name: string,
  attributes: readonly Attribute[],
  problems: Problems,
): string | null {
  const field = fields.find((other) => other.name.value === name);
  const use = directiveUses(field?.directives, problems).find((other) => other.name === 'genFromStoredId');
  const wanted = use?.args.field ?? name;
  return attributes.find((attribute) => attribute.name === wanted && attribute.kind === 'uuid')?.name ?? null;
}

/** The attribute that a field shows, or whose object it loads, if it is stored. */
export function storedAttributeOf(field: FieldDefinitionNode, problems: Problems): string {
  const use = directiveUses(field.directives, problems).find(({ name }) => name === 'genFromStoredId');
  return String(use?.args.field ?? field.name.value);
}

/** Attributes with the rules of `@visible`, which may stand on the attribute or on the field that loads its object. */
function withRules({ fields }: TypeEntry, attributes: readonly Attribute[], problems: Problems): readonly Attribute[] {
  const rules = new Map<string, string>();
  for (const field of fields) {
    const use = directiveUses(field.directives, problems).find(({ name }) => name === 'visible');
    if (use !== undefined) rules.set(storedAttributeOf(field, problems), String(use.args.rule));
  }
  return attributes.map((attribute) => ({ ...attribute, visible: rules.get(attribute.name) ?? null }));
}

function inOrder({ fields }: TypeEntry, read: readonly PentField[]): readonly PentField[] {
  const places = new Map(fields.map((field, at) => [field.name.value, at]));
  return [...read].sort((a, b) => (places.get(a.name) ?? 0) - (places.get(b.name) ?? 0));
}

function renamedFrom(uses: readonly DirectiveUse[]): readonly string[] {
  return uses.flatMap(({ name, args }) => (name === 'renamed' && typeof args.from === 'string' ? [args.from] : []));
}

function isSetByServer(uses: readonly DirectiveUse[]): boolean {
  return uses.some(({ name }) => name === 'setByServer');
}

/** The directive that declares the edge or stored id of a field; null for none. */
function storageOf(uses: readonly DirectiveUse[]): DirectiveUse | null {
  return uses.find(({ name }) => name === 'genFromStoredId' || name === 'edgeToStoredId' || name === 'edge') ?? null;
}

/** The directive of a field that is written by hand, also where its storage is declared. */
function handWrittenOf(uses: readonly DirectiveUse[]): 'custom' | 'customGen' | null {
  for (const { name } of uses) if (name === 'custom' || name === 'customGen') return name;
  return null;
}

function readField(
  { entry, attributes, fields }: Draft,
  field: FieldDefinitionNode,
  types: TypeIndex,
  drafts: ReadonlyMap<string, Draft>,
  problems: Problems,
): void {
  const uses = directiveUses(field.directives, problems);
  const storage = storageOf(uses);
  const handWritten = handWrittenOf(uses);
  const shape = typeShape(field.type);
  const name = field.name.value;
  const description = docOf(field);
  if (handWritten !== null) fields.push(toCustom(handWritten, field, uses, types));
  switch (storage?.name) {
    case 'genFromStoredId': {
      const attribute = String(storage.args.field ?? name);
      const targets = pentTargets(shape, types, drafts);
      if (targets.length === 0 && (types.has(shape.name) || Object.hasOwn(scalarTypes, shape.name))) {
        problems.at(
          field.type,
          `${entry.name}.${name} must be of a type marked @pent, or of an interface or union of such types, and is ${printShape(shape)}.`,
        );
      }
      if (handWritten === null) {
        fields.push({ kind: 'storedId', name, description, attribute, targets, tsType: targets.join(' | ') });
      }
      if (!entry.fields.some((other) => other.name.value === attribute && other !== field)) {
        addAttribute(attributes, {
          name: attribute,
          kind: 'uuid',
          required: shape.nonNull && handWritten === null,
          setByServer: isSetByServer(uses),
          tsType: shape.nonNull && handWritten === null ? 'string' : 'string | null',
          description: null,
          targets,
          field: null,
          renamedFrom: renamedFrom(uses),
          visible: null,
        });
      }
      return;
    }
    case 'edge':
    case 'edgeToStoredId':
      return;
    default:
  }
  if (uses.some((use) => ['hasEdge', 'sum', 'average'].includes(use.name))) return;
  if (handWritten !== null || Object.hasOwn(systemFields, name)) return;
  const kind = storedKind(shape, types);
  if (kind === null) {
    // Other checks report unknown and misplaced directives.
    if (field.directives?.length) return;
    problems.at(
      field,
      `${entry.name}.${name} is ${printShape(shape)}, which cannot be stored. Say where it comes from: @genFromStoredId, @edgeToStoredId, @edge, @custom or @customGen.`,
    );
    return;
  }
  const targets = storedTargets(entry, name, types, drafts, problems);
  const own = tsType(shape, types);
  addAttribute(attributes, {
    name,
    kind,
    required: shape.nonNull,
    setByServer: isSetByServer(uses),
    tsType: own,
    description,
    targets,
    field: name,
    renamedFrom: renamedFrom(uses),
    visible: null,
  });
}

/** The types that an attribute's ids may have, if a field names them with `@genFromStoredId(field:)`. */
function storedTargets(
  { fields }: TypeEntry,
  attribute: string,
  types: TypeIndex,
  drafts: ReadonlyMap<string, Draft>,
  problems: Problems,
): readonly string[] | null {
  for (const field of fields) {
    const use = directiveUses(field.directives, problems).find(({ name }) => name === 'genFromStoredId');
    if (use?.args.field === attribute) return pentTargets(typeShape(field.type), types, drafts);
  }
  return null;
}

function addAttribute(attributes: Attribute[], attribute: Attribute): void {
  if (!attributes.some(({ name }) => name === attribute.name)) attributes.push(attribute);
}

/** The Pent types that values of a type may have; none where it has others too. */
export function pentTargets(
  { name }: TypeShape,
  types: TypeIndex,
  pents: { has(name: string): boolean },
): readonly string[] {
  if (pents.has(name)) return [name];
  const entry = types.get(name);
  if (entry?.kind !== 'union' && entry?.kind !== 'interface') return [];
  const members =
    entry.kind === 'union'
      ? entry.members.map((member) => member.name.value)
      : [...types.values()]
          .filter((type) => type.kind === 'object' && type.interfaces.some((node) => node.name.value === name))
          .map((type) => type.name);
  return members.every((member) => pents.has(member)) ? members : [];
}

function readEdgeField(
  { entry, fields }: Draft,
  field: FieldDefinitionNode,
  types: TypeIndex,
  drafts: ReadonlyMap<string, Draft>,
  edges: EdgeModel[],
  problems: Problems,
): void {
  const uses = directiveUses(field.directives, problems);
  const storage = storageOf(uses);
  if (storage === null || storage.name === 'genFromStoredId') return;
  const shape = typeShape(field.type);
  const name = field.name.value;
  const { target, list, connection } = edgeTarget(shape, types);
  const to = drafts.get(target);
  if (to === undefined) {
    if (!types.has(target)) return; // the standard rules have reported it
    const hint = didYouMean(target, drafts.keys());
    problems.at(field.type, `${entry.name}.${name} must list a type marked @pent, and lists ${target}.${hint}`);
    return;
  }
  const place = `${entry.name}.${name}`;
  // Where an argument is missing, the standard rules have reported it.
  const own = uses.flatMap((use) => readEdge(use, place, entry.name, target, types, problems) ?? []);
  for (const edge of own) edges.push(edge);
  const [first] = own;
  if (first === undefined) return;
  if (handWrittenOf(uses) === null) {
    fields.push({
      ...{ kind: 'edge', name, description: docOf(field), edge: first.name, target, shape: list, connection },
      reading: readingOf(
        field,
        types,
        own.map(({ orderBy }) => orderBy),
        storage.args.reverse === true,
        problems,
      ),
    });
  }
  for (const use of uses) if (use.name === 'edgeToStoredId') checkStoredAttribute(place, use, to, problems);
}

function readEdge(
  use: DirectiveUse,
  place: string,
  from: string,
  to: string,
  types: TypeIndex,
  problems: Problems,
): EdgeModel | null {
  const { name: directive, args } = use;
  const isStored = directive === 'edgeToStoredId';
  if (!isStored && directive !== 'edge') return null;
  const name = isStored ? args.edgeName : args.name;
  const edgeId = isStored ? args.edgeId : args.id;
  if (typeof name !== 'string' || typeof edgeId !== 'number' || (isStored && args.field === undefined)) return null;
  return {
    edgeId,
    name,
    from,
    to,
    storedIdAttr: isStored ? String(args.field) : null,
    colocate: args.colocate === true,
    mustExist: args.mustExist === true,
    onDelete: isStored ? onDeleteOf(use, place, problems) : null,
    inverse: !isStored && typeof args.inverse === 'string' ? args.inverse : null,
    where: isStored ? whereOf(use) : null,
    orderBy: textsOf(args.orderBy),
    dataKinds: isStored ? null : dataKindsOf(use, place, types, problems),
  };
}

const onDeletes: readonly OnDelete[] = ['keep', 'clear', 'delete', 'refuse'];

/** The store sees to it: nobody's privacy is asked. */
function onDeleteOf({ node, args }: DirectiveUse, place: string, problems: Problems): OnDelete | null {
  if (args.onDelete === undefined || args.onDelete === null) return null;
  const given = String(args.onDelete);
  const found = onDeletes.find((one) => one === given);
  const argument = node.arguments?.find(({ name }) => name.value === 'onDelete') ?? node;
  if (found === undefined)
    problems.at(
      argument,
      `${place} has the onDelete ${JSON.stringify(given)}, which is none of ${onDeletes.join(', ')}.${didYouMean(given, onDeletes)}`,
    );
  else if (found !== 'keep' && args.where !== undefined)
    problems.at(argument, `${place} has a where and an onDelete: give that to an edge that lists all of its objects.`);
  return found === undefined || found === 'keep' ? null : found;
}

/** An edge over an attribute that is none would list nothing, for ever. */
function checkStoredAttribute(place: string, { node, args }: DirectiveUse, to: Draft, problems: Problems): void {
  const attribute = String(args.field);
  const found = to.attributes.find(({ name }) => name === attribute);
  const argument = node.arguments?.find(({ name }) => name.value === 'field') ?? node;
  if (args.onDelete === 'clear' && found?.required === true)
    problems.at(node, `${place} clears ${to.entry.name}.${attribute}, which is required: make it nullable.`);
  if (found === undefined) {
    const hint = didYouMean(
      attribute,
      to.attributes.filter(({ kind }) => kind === 'uuid').map(({ name }) => name),
    );
    problems.at(argument, `${place} lists objects by ${to.entry.name}.${attribute}, which is not stored.${hint}`);
  } else if (found.kind !== 'uuid') {
    problems.at(
      argument,
      `${place} lists objects by ${to.entry.name}.${attribute}, which is no id: make it UUID, or @genFromStoredId.`,
    );
  }
}

/** The type of the nodes of a list or a connection. */
function edgeTarget(
  shape: TypeShape,
  types: TypeIndex,
): { target: string; list: 'list' | 'connection'; connection: ConnectionTypes | null } {
  const list = { target: shape.name, list: 'list', connection: null } as const;
  if (shape.items !== null) return list;
  const edges = types.get(shape.name)?.fields.find((field) => field.name.value === 'edges');
  const edge = edges === undefined ? undefined : types.get(typeShape(edges.type).name);
  const node = edge?.fields.find((field) => field.name.value === 'node');
  if (edge === undefined || node === undefined) return list;
  const connection = { connection: shape.name, edge: edge.name };
  return { target: typeShape(node.type).name, list: 'connection', connection };
}

function toCustom(
  kind: 'custom' | 'customGen',
  field: FieldDefinitionNode,
  uses: readonly DirectiveUse[],
  types: TypeIndex,
): CustomField {
  return {
    name: field.name.value,
    description: docOf(field),
    args: argumentsOf(field, types),
    ...handWrittenResult(kind, field, uses, types),
  };
}

/** The result of a field that is written by hand. */
export function handWrittenResult(
  kind: 'custom' | 'customGen',
  field: FieldDefinitionNode,
  uses: readonly DirectiveUse[],
  types: TypeIndex,
): Pick<CustomField, 'kind' | 'tsType' | 'nodes'> {
  const shape = typeShape(field.type);
  const isConnection = kind === 'custom' && uses.some(({ name }) => name === 'connection') && storageOf(uses) === null;
  const { target, list } = edgeTarget(shape, types);
  if (!isConnection || list !== 'connection') return { kind, tsType: tsType(shape, types), nodes: null };
  const page = `{ readonly refs: readonly Ref<${target}>[]; readonly hasNextPage: boolean }`;
  return { kind, tsType: shape.nonNull ? page : `${page} | null`, nodes: target };
}

export function argumentsOf(field: FieldDefinitionNode, types: TypeIndex): readonly ArgumentModel[] {
  return (field.arguments ?? []).map((argument) => {
    const shape = typeShape(argument.type);
    const optional = !shape.nonNull && argument.defaultValue === undefined;
    return { name: argument.name.value, tsType: tsType(shape, types), optional };
  });
}
