import { didYouMean } from '../../utils/didYouMean.ts';
import type { DirectiveUse } from '../model/directiveUse.ts';
import { argumentNode } from '../model/directiveUse.ts';
import type { ListReading, WriteField } from '../model/Model.ts';
import type { TypeEntry } from '../model/TypeIndex.ts';
import { printShape, typeShape } from '../model/typeShape.ts';
import { type CheckContext, type FieldUse, useOf } from './CheckContext.ts';
import { checkConnectionType } from './checkConnectionType.ts';
import { checkReading } from './checkReading.ts';

/** Checks the lists over edges: their types, their arguments, and that their edges can be written. */
export function checkEdges(context: CheckContext): void {
  for (const field of context.fields) {
    if (field.owner !== 'pent') continue;
    const stored = useOf(field, 'edgeToStoredId');
    const plain = useOf(field, 'edge');
    if (stored === null && plain === null) continue;
    if (useOf(field, 'custom', 'customGen') === null) checkList(field, context);
    if (stored !== null) {
      checkOneField(field, context);
      for (const use of field.uses) if (use.name === 'edgeToStoredId') checkStoredIdEdge(field, context, use);
    } else checkInverse(field, context);
  }
}

function checkList(field: FieldUse, context: CheckContext): void {
  const { place, shape } = field;
  const { problems, types, model } = context;
  if (!types.has(shape.name)) return; // the standard rules have reported it
  const isConnection = shape.items === null && types.get(shape.name)?.fields.some(({ name }) => name.value === 'edges');
  if (isConnection) {
    checkConnectionType(field, context);
  } else {
    const wanted = `[${shape.name}!]!`;
    if (printShape(shape) !== wanted) {
      problems.at(field.field.type, `${place} is ${printShape(shape)}. Make it ${wanted}, or a connection.`);
    }
    const connection = useOf(field, 'connection');
    if (connection !== null) {
      problems.at(
        connection.node,
        `${place} has @connection, and ${printShape(shape)} is no connection type: it needs the fields "edges" and "pageInfo".`,
      );
    }
  }
  const names = field.uses.flatMap(({ args }) => [args.edgeName, args.name]);
  const edges = model.edges.filter(({ name, from }) => from === field.entry.name && names.includes(name));
  const own = model.pents.find(({ name }) => name === field.entry.name)?.fields;
  const read = own?.find(({ name }) => name === field.field.name.value);
  const [edge] = edges;
  const attributes = model.pents.find(({ name }) => name === edge?.to)?.attributes ?? [];
  const kinds = edge?.dataKinds ?? Object.fromEntries(attributes.map(({ name, kind }) => [name, kind]));
  const reading = read?.kind === 'edge' ? read.reading : noReading(field);
  const list = { reading, isConnection: isConnection === true, values: {}, lists: edges, kinds, takesIds: true };
  checkReading(field, list, context);
}

/** Of a field that the model has reported. */
function noReading({ field }: FieldUse): ListReading {
  const names: readonly string[] = (field.arguments ?? []).map(({ name }) => name.value);
  const paging = (['first', 'last', 'before', 'after'] as const).filter((name) => names.includes(name));
  return { paging, bounds: [], choice: null, isReversed: false };
}

/** Who may not see the attribute may not see the entry: clients choose among lists of one. */
function checkOneField({ place, uses }: FieldUse, { problems }: CheckContext): void {
  const [first, ...others] = uses.filter(({ name }) => name === 'edgeToStoredId');
  for (const { node, args } of others) {
    if (args.field === first?.args.field) continue;
    problems.at(
      argumentNode(node, 'field'),
      `The edges of ${place} follow from "${first?.args.field}" and from "${args.field}". Make them fields of their own.`,
    );
  }
}

function checkStoredIdEdge({ place, entry }: FieldUse, context: CheckContext, use: DirectiveUse): void {
  const { model, types, problems } = context;
  const node = argumentNode(use.node, 'field');
  const edge = model.edges.find(({ name, from }) => name === use.args.edgeName && from === entry.name);
  if (edge === undefined || edge.storedIdAttr === null) return;
  const { to, storedIdAttr } = edge;
  const attribute = model.pents.find(({ name }) => name === to)?.attributes.find(({ name }) => name === storedIdAttr);
  if (attribute === undefined || attribute.kind !== 'uuid') return; // the model has reported it
  const { setByServer } = attribute;
  if (attribute.targets !== null && attribute.targets.length > 0 && !attribute.targets.includes(entry.name)) {
    problems.at(
      node,
      `${place} lists objects by ${to}.${storedIdAttr}, which holds ids of ${attribute.targets.join(' or ')}, not of ${entry.name}.`,
    );
  }
  const creates = model.mutations.filter(
    (mutation): mutation is WriteField => !setByServer && mutation.kind === 'create' && mutation.target === to,
  );
  for (const { name } of creates) {
    const mutation = context.fields.find(({ owner, field }) => owner === 'mutation' && field.name.value === name);
    const data = mutation && dataInput(mutation, types);
    if (!data || data.inputFields.some((input) => input.name.value === storedIdAttr)) continue;
    problems.at(
      data.node.name ?? data.node,
      `${data.name} has no field "${storedIdAttr}", so that ${place} lists nothing that ${mutation?.place} creates. Add "${storedIdAttr}: UUID", or mark the field with @setByServer if a trigger sets it.`,
    );
  }
}

/** The input type of the argument `data`. */
export function dataInput({ field }: FieldUse, types: CheckContext['types']): TypeEntry | null {
  const data = field.arguments?.find(({ name }) => name.value === 'data');
  const entry = data && types.get(typeShape(data.type).name);
  return entry?.kind === 'input' ? entry : null;
}

/** Two plain edges that are written together name each other, and lead opposite ways. */
function checkInverse(field: FieldUse, { model, fields, problems }: CheckContext): void {
  const use = useOf(field, 'edge');
  const { inverse, name } = use?.args ?? {};
  if (use === null || typeof inverse !== 'string') return;
  const node = argumentNode(use.node, 'inverse');
  const own = model.edges.find((edge) => edge.name === name);
  const other = model.edges.find((edge) => edge.name === inverse && edge.storedIdAttr === null);
  if (inverse === name) {
    problems.at(node, `${field.place} names its own edge "${inverse}" as the inverse. Name another @edge.`);
  } else if (other === undefined) {
    const known = model.edges.filter((edge) => edge.storedIdAttr === null && edge.name !== name);
    const hint =
      didYouMean(
        inverse,
        known.map((edge) => edge.name),
      ) || ' Declare it with @edge on the other type.';
    problems.at(node, `${field.place} names the inverse edge "${inverse}", which no field declares.${hint}`);
  } else if (own !== undefined && (other.from !== own.to || other.to !== own.from)) {
    problems.at(
      node,
      `The inverse edge "${inverse}" of ${field.place} leads from ${other.from} to ${other.to}, and must lead from ${own.to} to ${own.from}.`,
    );
  } else {
    const back = fields.find((candidate) => useOf(candidate, 'edge')?.args.name === inverse);
    const named = back && useOf(back, 'edge')?.args.inverse;
    if (named === name || back === undefined) return;
    problems.at(
      node,
      `${field.place} names "${inverse}" of ${back.place} as the inverse edge, but not the other way round. Write inverse: "${name}" there.`,
    );
  }
}
