import { didYouMean } from '../../utils/didYouMean.ts';
import type { DirectiveName } from '../directives.ts';
import { isGrappleDirective } from '../directives.ts';
import { argumentNode } from '../model/directiveUse.ts';
import { printShape, typeShape } from '../model/typeShape.ts';
import { type CheckContext, type FieldUse, type Owner, useOf } from './CheckContext.ts';

const homes: Readonly<Record<Owner, string>> = {
  query: 'Query',
  mutation: 'Mutation',
  subscription: 'Subscription',
  pent: 'a type marked @pent',
  plain: 'a type without @pent',
  interface: 'an interface',
};

const owners: Readonly<Partial<Record<DirectiveName, readonly Owner[]>>> = {
  readPent: ['query'],
  browsePents: ['query'],
  pentFromIndex: ['query'],
  createPent: ['mutation'],
  updatePent: ['mutation'],
  deletePent: ['mutation'],
  addEdge: ['mutation'],
  removeEdge: ['mutation'],
  customMutation: ['mutation'],
  genFromStoredId: ['pent'],
  edgeToStoredId: ['pent'],
  edge: ['pent'],
  hasEdge: ['pent'],
  sum: ['pent'],
  average: ['pent'],
  connection: ['query', 'pent'],
  index: ['pent'],
  unique: ['pent'],
  setByServer: ['pent'],
  visible: ['pent'],
  custom: ['query', 'mutation', 'pent'],
  customGen: ['query', 'mutation', 'pent'],
};

/** Directives that define the source of a field's value: a field has at most one. */
const origins: ReadonlySet<string> = new Set(
  Object.keys(owners).filter((name) => !['connection', 'index', 'unique', 'setByServer', 'visible'].includes(name)),
);

/** Directives of hand-written fields. Such a field may have a storage directive, too. */
const handWritten: ReadonlySet<string> = new Set(['custom', 'customGen']);
const storage: ReadonlySet<string> = new Set(['genFromStoredId', 'edgeToStoredId', 'edge']);

/** Checks that directives stand where they mean something, and do not contradict each other. */
export function checkPlacement(context: CheckContext): void {
  for (const use of context.fields) checkField(use, context);
  checkTypes(context);
}

function checkField(field: FieldUse, { problems, types }: CheckContext): void {
  const { place, owner, uses } = field;
  for (const { name, node } of uses) {
    const wanted = owners[name];
    if (wanted === undefined || wanted.includes(owner)) continue;
    const where = wanted.map((kind) => homes[kind]).join(' or of ');
    problems.at(node, `@${name} stands on ${place}, and belongs on a field of ${where}.`);
  }
  const sources = uses.filter(({ name }) => origins.has(name));
  const isStored = sources.some(({ name }) => storage.has(name));
  for (const isWritten of [false, true]) {
    const [one, ...others] = sources.filter(({ name }) => (isStored && handWritten.has(name)) === isWritten);
    // A field may have several edges, among which clients choose.
    const other = others.find(({ name }) => name !== one?.name);
    if (one === undefined || other === undefined) continue;
    problems.at(
      other.node,
      `${place} has @${one.name} and @${other.name}, which both say where its value comes from. Keep one.`,
    );
  }
  const [first] = sources;
  const index = useOf(field, 'index', 'unique');
  if (index !== null && first !== undefined && first.name !== 'genFromStoredId') {
    problems.at(
      index.node,
      `${place} has @${index.name}, but is not stored: @${first.name} makes it. Take one of them away.`,
    );
  }
  const isPlain = ({ args }: FieldUse['uses'][number]): boolean =>
    args.with === undefined && args.where === undefined && args.orderBy === undefined;
  const unique = uses.find((use) => use.name === 'unique' && isPlain(use));
  if (unique !== undefined && uses.some((use) => use.name === 'index' && isPlain(use))) {
    problems.at(unique.node, `${place} has @index and @unique. Keep @unique, which is an index too.`);
  }
  const connection = useOf(field, 'connection');
  if (connection !== null && useOf(field, 'edge', 'edgeToStoredId', 'pentFromIndex', 'custom') === null) {
    problems.at(
      connection.node,
      `${place} has @connection, but no list. Add ${field.owner === 'query' ? '@pentFromIndex' : '@edgeToStoredId or @edge'}.`,
    );
  }
  if (connection !== null && useOf(field, 'custom') !== null && useOf(field, 'edge', 'edgeToStoredId') === null) {
    const names = (field.field.arguments ?? []).map(({ name }) => name.value);
    const missing = ['first: Int', 'after: String'].filter((one) => !names.includes(one.replace(/:.*/, '')));
    if (missing.length > 0)
      problems.at(
        field.field,
        `${place} is a connection, whose method finds parts of a list. Add ${missing.join(' and ')}.`,
      );
  }
  const of = connection?.args.of;
  if (connection !== null && typeof of === 'string' && !types.has(of)) {
    const hint = didYouMean(of, types.keys()) || ' Name the type of its nodes.';
    problems.at(argumentNode(connection.node, 'of'), `@connection of ${place} is of "${of}", which is no type.${hint}`);
  }
  const setByServer = useOf(field, 'setByServer');
  const unstored = sources.find(({ name }) => name !== 'genFromStoredId');
  if (setByServer !== null && unstored !== undefined && useOf(field, 'genFromStoredId') === null) {
    problems.at(
      setByServer.node,
      `${place} has @setByServer, but is not stored: @${unstored.name} makes it. Take one of them away.`,
    );
  }
  checkArgumentDirectives(field, { problems, types });
}

const argumentDirectives = {
  versioned: { type: 'Int', on: ['updatePent', 'deletePent'] },
  idempotent: { type: 'String', on: ['createPent'] },
  conditional: { type: null, on: ['updatePent', 'deletePent'] },
} as const;

function checkArgumentDirectives(field: FieldUse, { problems, types }: Pick<CheckContext, 'problems' | 'types'>): void {
  const seen = new Set<string>();
  for (const argument of field.field.arguments ?? []) {
    for (const node of argument.directives ?? []) {
      const name = node.name.value;
      if (!isGrappleDirective(name) || !Object.hasOwn(argumentDirectives, name)) continue;
      const { type, on } = argumentDirectives[name as keyof typeof argumentDirectives];
      const what = `The argument "${argument.name.value}" of ${field.place}`;
      const shape = typeShape(argument.type);
      if (useOf(field, ...on) === null) {
        const where = on.map((directive) => `@${directive}`).join(' or ');
        problems.at(node, `${what} has @${name}, which needs a field with ${where}.`);
      } else if (
        shape.items !== null ||
        (type === null ? types.get(shape.name)?.kind !== 'input' : shape.name !== type)
      ) {
        const remedy = type ?? 'an input type with attributes';
        problems.at(argument.type, `${what} has @${name} and is ${printShape(shape)}. Make it ${remedy}.`);
      } else if (seen.has(name)) {
        problems.at(node, `${what} has @${name}, and another argument has it, too. Keep one.`);
      }
      seen.add(name);
    }
  }
}

function checkTypes({ types, fields, problems }: CheckContext): void {
  const roots = new Set(
    fields.filter(({ owner }) => owner in { query: 1, mutation: 1, subscription: 1 }).map(({ entry }) => entry.name),
  );
  for (const entry of types.values()) {
    const of = (name: string) => entry.directives.find((node) => node.name.value === name);
    const pent = of('pent');
    const payload = of('pentMutationPayload');
    if (pent && roots.has(entry.name)) {
      problems.at(pent, `${entry.name} is a root type, and so has no objects to store. Take @pent away.`);
    } else if (pent && payload) {
      problems.at(
        payload,
        `${entry.name} has @pent and @pentMutationPayload. A payload is not stored: take one of them away.`,
      );
    }
  }
  for (const { owner, field, place } of fields) {
    if (owner === 'subscription') {
      problems.at(
        field,
        `${place} cannot be generated: Grapple makes no subscriptions. Take it out of schema/, and add it in server.ts.`,
      );
    }
  }
}
