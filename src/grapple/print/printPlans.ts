import type { AbstractModel, EntityModel, GrappleModel, PentField, PentModel, RootField } from '../model/Model.ts';
import { isSimple, printEdgePlan, printIndexPlan } from './printListPlans.ts';
import { type Hole, holesOf, holesOfRoot } from './printStub.ts';
import { imported, importLine, indent, key, list, literal, namesIn, quote, WIDTH } from './source.ts';

/** Prints `generated/plans.ts`: the model, the plan resolvers and the schema. */
export function printPlans(model: GrappleModel): string {
  const { byDefault, pents, queries, mutations, abstractTypes, entities } = model;
  const objects = [
    printRoot('Query', queries),
    ...(mutations.length === 0 ? [] : [printRoot('Mutation', mutations)]),
    ...pents.map((pent) => printPent(pent, entities)),
  ].filter((text) => text !== '');
  const config = [
    'typeDefs,',
    `objects: {\n${indent(objects.join('\n'))}\n},`,
    ...printAbstract(
      'interfaces',
      abstractTypes.filter(({ kind }) => kind === 'interface'),
      entities,
    ),
    ...printAbstract(
      'unions',
      abstractTypes.filter(({ kind }) => kind === 'union'),
      null,
    ),
    ...printScalars(model),
  ];
  const inQuery = holesOfRoot('Query', model);
  const inMutation = holesOfRoot('Mutation', model);
  const body = `const typeDefs = readFileSync(new URL('./schema.graphql', import.meta.url), 'utf8');
${printHoles(holesOf(model))}
/** All types of objects. */
export const model: PentModel = definePents({
  schema: kvetchSchema,
  pents: ${list(
    '[',
    pents.map(({ name }) => name),
    '] as const,', // the union of a long chain of types is too deep for TypeScript
    2,
    false,
  )}${byDefault === null ? '' : `\n  byDefault: ${quote(byDefault)},`}
});

/** The schema, with its plan resolvers. */
export const schema: GraphQLSchema = ${entities === null ? 'makeSchema' : 'subgraph'}({
${indent(config.join('\n'))}
});
`;
  const steps = namesIn(body, imported.plans);
  return [
    importLine(['readFileSync'], 'node:fs'),
    importLine(['GraphQLSchema'], 'graphql', true),
    importLine(namesIn(body, fromPlanql), 'planql'),
    importLine([...steps, 'type PentModel'], 'planql/pent'),
    importLine(namesIn(body, ['subgraph']), 'planql/server'),
    ...[
      ...pents.map(({ name }) => name),
      ...(inQuery.length > 0 ? ['Query'] : []),
      ...(inMutation.length > 0 ? ['Mutation'] : []),
    ]
      .sort()
      .map((name) => importLine([name], `../pents/${name}.ts`)),
    importLine(['kvetchSchema'], './kvetchSchema.ts'),
    '\n',
    body,
  ].join('');
}

const fromPlanql = ['makeSchema', 'coalesce', 'get', 'inhibitOnNull', 'object', 'trap', 'TRAP_INHIBITED'];

/** The check of hand-written classes, which reports all missing members at once. */
function printHoles(holes: readonly Hole[]): string {
  if (holes.length === 0) return '';
  const entries = holes.map(({ owner, name, kind, fields, stub }) => {
    const lines = [
      ...[`owner: ${owner},`, `name: ${quote(name)},`, `kind: ${quote(kind)},`],
      ...(fields === undefined ? [] : [`fields: ${literal(fields)},`]),
      `stub: ${quote(stub)},`,
    ];
    return `{\n${indent(lines.join('\n'))}\n},`;
  });
  return `
// The members that pents/ must have, with text to begin with.
assertWritten([
${indent(entries.join('\n'))}
]);
`;
}

function printScalars({ scalars, sdl }: GrappleModel): readonly string[] {
  const known = ['UUID', 'DateTime', 'JSON'].filter((name) => new RegExp(`^scalar ${name}$`, 'm').test(sdl));
  const own = scalars.filter((name) => !known.includes(name));
  if (known.length === 0) return [];
  if (own.length === 0 && known.length === 3) return ['scalars: scalars,'];
  return [`scalars: { ${known.map((name) => `${name}: scalars.${name}`).join(', ')} },`];
}

function printAbstract(
  setting: string,
  types: readonly AbstractModel[],
  entities: GrappleModel['entities'],
): readonly string[] {
  if (types.length === 0) return [];
  const lines = types.map(({ name }) => {
    const entity = entities?.get(name);
    if (entity === undefined) return `${name}: { planType: planPent },`;
    return `${name}: {\n${indent(`planType: planPent,\n${printEntity(entity)}`)}\n},`;
  });
  return [`${setting}: {\n${indent(lines.join('\n'))}\n},`];
}

function printRoot(type: 'Query' | 'Mutation', fields: readonly RootField[]): string {
  if (fields.length === 0) return '';
  const plans = fields.map((field) => `${key(field.name)}: ${printRootField(type, field)},`);
  return `${type}: {\n${indent(`plans: {\n${indent(plans.join('\n'))}\n},`)}\n},`;
}

/** Whether a line of a plan fits on its line. */
function fits(line: string): boolean {
  return 8 + line.length <= 120;
}

function printRootField(type: 'Query' | 'Mutation', field: RootField): string {
  const root = '_$root';
  const steps = (names: readonly string[]): string => names.map((name) => `$${name}`).join(', ');
  const takes = (...names: readonly string[]): string => `(${root}, { ${steps(names)} })`;
  const arrow = (takes: string, gives: string): string => onOneLine(field, `${takes} =>`, gives);
  switch (field.kind) {
    case 'read':
      return arrow(takes('id'), `pent(${oneOrList(field.targets)}, $id)`);
    case 'browse':
      return arrow(takes(...field.reading.paging), `browsePents(${field.target}, { ${steps(field.reading.paging)} })`);
    case 'index': {
      const [only] = field.values;
      if (field.values.length !== 1 || field.shape === 'connection' || !isSimple(field.reading)) {
        return printIndexPlan(field);
      }
      const lookUp = field.shape === 'one' ? 'pentFromIndex' : 'pentsFromIndex';
      const { paging } = field.reading;
      const names = [String(only?.argument), ...paging];
      const page = paging.length > 0 ? `, { ${steps(paging)} }` : '';
      return arrow(takes(...names), `${lookUp}(${field.target}, ${quote(field.index)}, $${only?.argument}${page})`);
    }
    case 'create':
    case 'update':
    case 'delete': {
      const write = { create: 'creating', update: 'updating', delete: 'deleting' }[field.kind];
      const ids = field.kind === 'create' ? [] : ['id'];
      const data = field.kind === 'delete' ? [] : ['data'];
      const extra = [
        ...(field.versionArgument === null ? [] : [['$ifVersion', field.versionArgument] as const]),
        ...(field.keyArgument === null ? [] : [['$idempotencyKey', field.keyArgument] as const]),
        ...(field.conditionArgument === null ? [] : [['$if', field.conditionArgument] as const]),
      ];
      const names = [...ids, ...data, ...extra.map(([, name]) => name)];
      const given = [
        ...[...ids, ...data].map((name) => `$${name}`),
        ...extra.map(([option, name]) => (option === `$${name}` ? option : `${option}: $${name}`)),
      ];
      const call = `${write}(${field.target}, { ${given.join(', ')} })`;
      const payload = `${key(field.payloadField)}: ${call}`;
      const inner = fits(`  object({ ${payload} }),`) ? `object({ ${payload} })` : `object({\n    ${payload},\n  })`;
      return arrow(takes(...names), inner);
    }
    case 'addEdge':
    case 'removeEdge': {
      const { edge, inverse, from, to } = field;
      const write = field.kind === 'addEdge' ? 'addingEdge' : 'removingEdge';
      const names = ['from', 'to', ...(field.args.some(({ name }) => name === 'data') ? ['data'] : [])];
      const ends = `{ ${steps(names)} }`;
      const edgeWrite = literal({ edge, inverse, from, to });
      const call = `${write}(${edgeWrite}, ${ends})`;
      const inOne = arrow(takes(...names), `object({ ${key(field.payloadField)}: ${call} })`);
      if (`${field.name}: ${inOne},`.split('\n').every(fits)) return inOne;
      const inner =
        12 + field.payloadField.length + call.length + 3 <= 120
          ? call
          : `${write}(\n${indent(`${edgeWrite},\n${ends},`)}\n)`;
      return `${takes(...names)} =>\n  object({\n${indent(indent(`${key(field.payloadField)}: ${inner},`))}\n  })`;
    }
    case 'custom':
      return field.nodes === null
        ? `method.root(${type}, ${quote(field.name)})`
        : `method.rootConnection(${type}, ${quote(field.name)}, ${field.nodes})`;
    case 'customGen':
      return `method.plan(${type}, ${quote(field.name)})`;
  }
}

function oneOrList(names: readonly string[]): string {
  return names.length === 1 ? String(names[0]) : `[${names.join(', ')}]`;
}

/** What a stored list counts as before its length is known. Items beyond it count when they are there. */
const STORED_ITEMS = 100;

function printPent({ name, fields, attributes }: PentModel, entities: GrappleModel['entities']): string {
  const planned = new Set(fields.map((field) => field.name));
  const stored = attributes.flatMap(({ field, tsType }) =>
    field !== null && !planned.has(field) && tsType.includes('[]')
      ? [`${key(field)}: { maxRows: ${STORED_ITEMS} },`]
      : [],
  );
  const plans = [...stored, ...fields.map((field) => `${key(field.name)}: ${printField(name, field)},`)];
  const entity = entities?.get(name);
  const found = entity === undefined ? [] : [printEntity(entity)];
  const settings = ['authorize: authorizePent,', "hidden: 'leaveOut',", ...found];
  if (plans.length > 0) settings.push(`plans: {\n${indent(plans.join('\n'))}\n},`);
  return `${name}: {\n${indent(settings.join('\n'))}\n},`;
}

/** How a subgraph finds the objects of a type: by the keys that their representations have. */
function printEntity({ types, keys }: EntityModel): string {
  const type = oneOrList(types);
  const found = (column: number): readonly string[] =>
    keys.map(({ attributes, index }) => {
      if (index === null) return `pent(${type}, get($ref, 'id'))`;
      const [first = ''] = attributes;
      if (attributes.length === 1)
        return list('pentFromIndex(', [type, quote(index), `get($ref, ${quote(first)})`], ')', column, false);
      // Of several keys, a representation may have another one.
      const isCertain = keys.length === 1;
      const values = attributes.map((name) => {
        const value = `get($ref, ${quote(name)})`;
        return `${key(name)}: ${isCertain ? value : `inhibitOnNull(${value})`}`;
      });
      const inner = isCertain ? column + 2 : column + 4;
      const found = list(
        'pentFromIndex(',
        [type, quote(index), list('object({', values, '})', inner)],
        ')',
        inner - 2,
        false,
      );
      return isCertain ? found : list('trap(', [found, 'TRAP_INHIBITED'], ')', column, false);
    });
  const body = (column: number): string => {
    const [only = '', ...others] = found(column);
    return others.length === 0 ? only : list('coalesce(', found(column + 2), ')', column, false);
  };
  const start = 'entity: ($ref) =>';
  const inOne = `${start} ${body(6 + start.length + 2)},`;
  return inOne.includes('\n') || 6 + inOne.length > WIDTH ? `${start}\n${indent(body(9))},` : inOne;
}

/** An arrow function with its body behind it, or below where the line is full. */
function onOneLine({ name }: { readonly name: string }, takes: string, gives: string): string {
  const line = `${takes} ${gives}`;
  return fits(`${name}: ${line},`) ? line : `${takes}\n  ${gives}`;
}

function printField(type: string, field: PentField): string {
  switch (field.kind) {
    case 'storedId':
      return onOneLine(
        field,
        '($pent) =>',
        `pentStoredId(${oneOrList(field.targets)}, $pent, ${quote(field.attribute)})`,
      );
    case 'hasEdge': {
      const { edge, end, argument, other } = field;
      if (argument === null) return onOneLine(field, '($pent) =>', `pentHasEdge(${quote(edge)}, { $${end}: $pent })`);
      const ends = `{ $${end}: $pent, $${argument}: pent(${other}, $${argument}) }`;
      return onOneLine(field, `($pent, { $${argument} }) =>`, `pentHasEdge(${quote(edge)}, ${ends})`);
    }
    case 'sum':
    case 'average': {
      const given = `${quote(field.edge)}, ${quote(field.attribute)}, $pent`;
      return onOneLine(field, '($pent) =>', `pentEdge.${field.kind}(${given})`);
    }
    case 'edge': {
      if (!isSimple(field.reading)) return printEdgePlan(field);
      const list = field.shape === 'connection' ? 'pentConnection' : 'pentEdge';
      const call = `${list}(${field.target}, ${quote(field.edge)}, $pent, { $first, $after })`;
      return onOneLine(field, '($pent, { $first, $after }) =>', call);
    }
    case 'custom':
      return field.nodes === null
        ? `method(${type}, ${quote(field.name)})`
        : `method.connection(${type}, ${quote(field.name)}, ${field.nodes})`;
    case 'customGen':
      return `method.plan(${type}, ${quote(field.name)})`;
  }
}
