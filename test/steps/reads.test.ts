/**
 * What is taken in is read (rule R34): every step function, in every place that takes steps in, over loaders that select
 * attributes. Each answer must be that of a loader which gives whole rows.
 */
import { parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type AnyStep, createEngine, makeSchema, type SchemaConfig, Step, subscribe } from '../../src/index.ts';
import {
  browseObjects,
  countEdges,
  countIndex,
  createKvetch,
  defineKvetchSchema,
  hasEdge,
  kvetchBrowseConnection,
  kvetchConnection,
  kvetchIndexConnection,
  loadEdgeObjects,
  loadEdges,
  loadIndex,
  loadIndexObjects,
  loadObject,
  loadObjects,
  memoryShards,
} from '../../src/kvetch.ts';
import * as steps from '../../steps/index.ts';
import {
  assertNotNull,
  at,
  coalesce,
  condition,
  connection,
  constant,
  context,
  each,
  error,
  exitIf,
  filter,
  first,
  groupBy,
  inhibitIf,
  inhibitOnEmpty,
  inhibitOnNull,
  type LoadInfo,
  lambda,
  last,
  list,
  listen,
  listLength,
  loader,
  loadMany,
  loadOne,
  multistep,
  node,
  nodeId,
  nodeKey,
  object,
  planNode,
  recordDependency,
  remapKeys,
  reverse,
  rootValue,
  sideEffect,
  TRAP_ERROR,
  TRAP_INHIBITED,
  trap,
  access as typedAccess,
  get as typedGet,
} from '../../steps/index.ts';
import * as kvetchSteps from '../../steps/kvetch/index.ts';
import { mergePayloads } from '../conformance/mergePayloads.ts';
import { readSource } from '../support/repository.ts';

// biome-ignore lint/suspicious/noExplicitAny: the table puts steps of any kind into any place
type $ = any;

const access = typedAccess as ($source: $, ...path: (string | number)[]) => $;
const get = typedGet as ($source: $, name: string) => $;

type Form = ($doc: $) => $;

interface Row {
  readonly [name: string]: unknown;
}

const kvetchSchema = defineKvetchSchema({
  objects: [
    { typeId: 1, name: 'Shelf' },
    { typeId: 2, name: 'Doc', fields: { shelf: 'uuid', name: 'string', kind: 'string' } },
  ],
  edges: [{ edgeId: 10, name: 'docs', from: 'Shelf', storedOn: 'Doc', storedIdAttr: 'shelf' }],
  indexes: [
    { name: 'by_kind', type: 'Doc', attr: 'kind', kind: 'string' },
    { name: 'by_name', type: 'Doc', attrs: ['kind'], orderBy: ['name'] },
  ],
});
const kvetch = createKvetch({ schema: kvetchSchema, shards: memoryShards(1) });
const shelf = await kvetch.createObject('Shelf', {});
for (const name of ['first', 'second']) await kvetch.createObject('Doc', { shelf, name, kind: 'red' });

const rows: Record<string, Row> = {
  '1': {
    ...{ id: '1', isPublic: true, isHidden: false, name: 'One', kind: 'Red', peer: '2', shelf, events: events() },
    ...{ tags: ['a', 'b'], grid: [['x'], ['y', 'z']], kids: [{ name: 'k1' }, { name: 'k2' }], owner: { name: 'Ann' } },
  },
  '2': {
    ...{ id: '2', isPublic: false, isHidden: true, name: '', kind: 'Blue', peer: null, shelf: null, events: null },
    ...{ tags: [], grid: [], kids: null, owner: null },
  },
};

function events(): AsyncIterable<unknown> {
  return {
    async *[Symbol.asyncIterator]() {
      yield { text: 'hello' };
    },
  };
}

/** What the loaders that select were asked for. */
const asked: (readonly string[] | null)[] = [];

function select(row: Row | undefined, { attributes }: LoadInfo): Row | null {
  if (row === undefined || attributes === null) return row ?? null;
  return Object.fromEntries(attributes.flatMap((name) => (name in row ? [[name, row[name]]] : [])));
}

const selecting = loader<Row, string>({
  name: 'reads.selecting',
  load: (ids, info) => {
    asked.push(info.attributes);
    return ids.map((id) => select(rows[id], info));
  },
});
const whole = loader<Row, string>({ name: 'reads.whole', load: (ids) => ids.map((id) => rows[id] ?? null) });
const byKnownId = loader<Row, string>({ ...selecting, name: 'reads.byKnownId', ioEquivalence: 'id' });
const selectingAll = loader<readonly (Row | null)[], string>({
  name: 'reads.selectingAll',
  load: (keys, info) => keys.map(() => ['1', '2', '3'].map((id) => select(rows[id], info))),
});
const wholeAll = loader<readonly (Row | null)[], string>({
  name: 'reads.wholeAll',
  load: (keys) => keys.map(() => ['1', '2', '3'].map((id) => rows[id] ?? null)),
});
const echo = loader<unknown, unknown, unknown>({
  name: 'reads.echo',
  load: (keys, { global }) => keys.map((key) => ({ key, global })),
});
const echoList = loader<readonly unknown[], unknown>({
  name: 'reads.echoList',
  load: (keys) => keys.map((key) => [{ key }]),
});

/** Every step function over a row. Most of them read an attribute; some read none of the items of a list. */
const forms: Record<string, Form> = {
  get: ($doc) => get($doc, 'isPublic'),
  'get text': ($doc) => get($doc, 'name'),
  'get list': ($doc) => get($doc, 'tags'),
  'get list of objects': ($doc) => get($doc, 'kids'),
  'get of get': ($doc) => get(get($doc, 'owner'), 'name'),
  'get object': ($doc) => get($doc, 'owner'),
  access: ($doc) => access($doc, 'kids', 0, 'name'),
  'access by a text': ($doc) => get(get(get($doc, 'kids'), '1'), 'name'),
  lambda: ($doc) => lambda($doc, (doc: Row | null) => doc?.name),
  'lambda of a tuple': ($doc) => lambda([get($doc, 'name'), get($doc, 'isPublic')], ([name, is]) => (is ? name : 'no')),
  'lambda of a record': ($doc) => lambda({ doc: $doc }, ({ doc }: { doc: Row | null }) => doc?.peer),
  'lambda of nothing': ($doc) => lambda([$doc], () => 'x'),
  multistep: ($doc) => multistep([get($doc, 'name')]),
  'condition of one': ($doc) => condition('not null', get($doc, 'peer')),
  'condition of two': ($doc) => condition('===', get($doc, 'kind'), constant('Red')),
  'condition, second': ($doc) => condition('===', constant('Red'), get($doc, 'kind')),
  coalesce: ($doc) => coalesce(get($doc, 'isPublic'), constant(true)),
  'coalesce, last': ($doc) => coalesce(constant(null), get($doc, 'isPublic')),
  'coalesce, unread': ($doc) => each(coalesce(get($doc, 'kids'), constant(['other'])) as $, () => constant('x')),
  inhibitOnNull: ($doc) => inhibitOnNull(get($doc, 'peer')),
  'inhibitOnNull, if': ($doc) => inhibitOnNull(constant('v'), { if: get($doc, 'isPublic') }),
  inhibitOnEmpty: ($doc) => inhibitOnEmpty(get($doc, 'tags')),
  inhibitIf: ($doc) => inhibitIf(constant('v'), get($doc, 'isHidden')),
  'inhibitIf, value': ($doc) => inhibitIf(get($doc, 'name'), constant(false)),
  exitIf: ($doc) => exitIf(get($doc, 'isHidden'), null, constant('v')),
  'exitIf, itself': ($doc) => exitIf(get($doc, 'isHidden'), null),
  'exitIf, list': ($doc) => exitIf(get($doc, 'isHidden'), [], get($doc, 'tags')),
  'exitIf, value': ($doc) => exitIf(constant(false), null, get($doc, 'name')),
  assertNotNull: ($doc) => assertNotNull(get($doc, 'peer'), 'No peer.'),
  error: ($doc) => coalesce(inhibitIf(error('Closed.'), get($doc, 'isPublic')), constant(1)),
  trap: ($doc) => trap(get($doc, 'name'), TRAP_INHIBITED),
  'trap, if': ($doc) => trap(error('Closed.'), TRAP_ERROR, { if: get($doc, 'isPublic') }),
  'trap of an end': ($doc) => trap(inhibitIf(get($doc, 'name'), get($doc, 'isHidden')), TRAP_INHIBITED),
  object: ($doc) => object({ name: get($doc, 'name') }),
  'object of the row': ($doc) => get(object({ doc: $doc }), 'doc'),
  'part of an object': ($doc) => get(get(object({ doc: $doc }), 'doc'), 'name'),
  'part of a trapped object': ($doc) => access(trap(object({ doc: $doc }), TRAP_INHIBITED), 'doc', 'name'),
  list: ($doc) => list([get($doc, 'name'), get($doc, 'kind')]),
  'place of a list': ($doc) => get(at(list([constant(1), $doc]), 1), 'name'),
  'place of a trapped list': ($doc) => access(trap(list([constant(1), $doc]), TRAP_INHIBITED), 1, 'name'),
  'place of a trapped list by a text': ($doc) => access(trap(list([constant(1), $doc]), TRAP_INHIBITED), '1', 'name'),
  'each of a list of steps': ($doc) => each(list([$doc]), ($item) => get($item, 'name')),
  remapKeys: ($doc) => get(remapKeys($doc as Step<Row>, { title: 'name' }), 'title'),
  'remapKeys, whole': ($doc) => lambda(remapKeys($doc as Step<Row>, { title: 'name' }), (doc) => JSON.stringify(doc)),
  'remapKeys, trapped': ($doc) => get(trap(remapKeys($doc as Step<Row>, { title: 'name' }), TRAP_INHIBITED), 'title'),
  first: ($doc) => first(get($doc, 'tags')),
  'first, part': ($doc) => get(first(get($doc, 'kids')), 'name'),
  last: ($doc) => last(get($doc, 'tags')),
  at: ($doc) => at(get($doc, 'tags'), 1),
  reverse: ($doc) => reverse(get($doc, 'tags')),
  'reverse, length': ($doc) => get(reverse(get($doc, 'tags')), 'length'),
  'reverse, by a text': ($doc) => get(get(reverse(get($doc, 'kids')), '0'), 'name'),
  listLength: ($doc) => listLength(get($doc, 'tags')),
  'list length': ($doc) => get(get($doc, 'tags'), 'length'),
  each: ($doc) => each(get($doc, 'tags'), ($tag) => lambda($tag, (tag) => `${tag}!`)),
  'each, items unread': ($doc) => each(get($doc, 'tags'), () => constant('x')),
  'each, outer value': ($doc) => each(get($doc, 'tags'), () => get($doc, 'name')),
  'each, itself': ($doc) => each(get($doc, 'tags'), ($tag) => $tag),
  'each in each': ($doc) => each(get($doc, 'grid'), ($line) => each($line, () => constant('x'))),
  'each, by a text': ($doc) =>
    get(
      each(get($doc, 'kids'), ($kid) => get($kid, 'name')),
      '0',
    ),
  'each, length': ($doc) =>
    get(
      each(get($doc, 'kids'), ($kid) => get($kid, 'name')),
      'length',
    ),
  filter: ($doc) => filter(get($doc, 'tags'), ($tag) => condition('===', $tag, constant('a'))),
  'filter, items unread': ($doc) => listLength(filter(get($doc, 'tags'), () => constant(true))),
  'filter by the row': ($doc) => filter(constant([1, 2]), () => get($doc, 'isPublic')),
  'filter, by a text': ($doc) =>
    get(
      get(
        filter(get($doc, 'kids'), () => constant(true)),
        '0',
      ),
      'name',
    ),
  groupBy: ($doc) =>
    lambda(
      groupBy(get($doc, 'tags'), ($tag) => $tag),
      entriesOf,
    ),
  'groupBy, items unread': ($doc) =>
    lambda(
      groupBy(get($doc, 'tags'), () => constant('k')),
      entriesOf,
    ),
  'groupBy the row': ($doc) =>
    lambda(
      groupBy(constant([1, 2]), () => get($doc, 'kind')),
      entriesOf,
    ),
  connection: ($doc) => get(connection(get($doc, 'tags')), 'nodes'),
  'connection, unread': ($doc) => condition('not null', connection(get($doc, 'tags'))),
  'connection, edges': ($doc) =>
    each(get(connection(get($doc, 'kids')), 'edges'), ($edge) => access($edge, 'node', 'name')),
  'connection, cursors': ($doc) => each(get(connection(get($doc, 'kids')), 'edges'), ($edge) => get($edge, 'cursor')),
  'connection, totalCount': ($doc) => get(connection(get($doc, 'tags')), 'totalCount'),
  'connection, pageInfo': ($doc) => get(get(connection(get($doc, 'tags')), 'pageInfo'), 'endCursor'),
  nodeId: ($doc) => nodeId('Doc', get($doc, 'peer')),
  nodeKey: ($doc) => nodeKey('Doc', nodeId('Doc', get($doc, 'peer'))),
  node: ($doc) => get(node(nodeId('Doc', get($doc, 'id')), { types: { Doc: ($key) => $key } }), 'key'),
  loadOne: ($doc) => get(loadOne(get($doc, 'peer'), selecting), 'name'),
  'loadOne of a tuple': ($doc) => lambda(loadOne([get($doc, 'id'), get($doc, 'kind')], echo), JSON.stringify),
  'loadOne of lists': ($doc) => get(first(loadOne(get($doc, 'id'), selectingAll)), 'name'),
  loadMany: ($doc) => each(loadMany(get($doc, 'id'), selectingAll), ($row) => get($row, 'name')),
  'loadMany, items unread': ($doc) => each(loadMany(get($doc, 'id'), selectingAll), () => constant('x')),
  'loadMany, by a text': ($doc) => get(get(loadMany(get($doc, 'id'), selectingAll), '0'), 'name'),
  sideEffect: ($doc) => sideEffect(get($doc, 'name'), (name) => `${name}`),
  recordDependency: ($doc) => recordDependency(constant('v'), get($doc, 'name')),
  'recordDependency, value': ($doc) => recordDependency(get($doc, 'name'), constant('k')),
  context: ($doc) => lambda([context(), get($doc, 'name')], ([, name]) => name),
  rootValue: ($doc) => coalesce(rootValue(), get($doc, 'name')),
  loadObject: ($doc) => condition('not null', loadObject(get($doc, 'shelf'))),
  loadObjects: ($doc) => each(loadObjects(list([get($doc, 'shelf')])), () => constant('x')),
  loadEdges: ($doc) => listLength(get(loadEdges('docs', get($doc, 'shelf')), 'edges')),
  loadEdgeObjects: ($doc) => each(get(loadEdgeObjects('docs', get($doc, 'shelf')), 'objects'), ($d) => get($d, 'name')),
  'loadEdgeObjects, unread': ($doc) =>
    each(get(loadEdgeObjects('docs', get($doc, 'shelf')), 'objects'), () => constant('x')),
  countEdges: ($doc) => countEdges('docs', get($doc, 'shelf')),
  countIndex: ($doc) => countIndex('by_name', object({ kind: lambda(get($doc, 'kind'), lower) })),
  hasEdge: ($doc) => hasEdge('docs', get($doc, 'shelf'), get($doc, 'shelf')),
  loadIndex: ($doc) => each(get(loadIndex('by_kind', lambda(get($doc, 'kind'), lower)), 'ids'), () => constant('x')),
  loadIndexObjects: ($doc) =>
    each(get(loadIndexObjects('by_kind', lambda(get($doc, 'kind'), lower)), 'objects'), ($d) => get($d, 'name')),
  browseObjects: ($doc) => each(get(browseObjects('Doc'), 'objects'), () => get($doc, 'name')),
  kvetchConnection: ($doc) => each(get(kvetchConnection('docs', get($doc, 'shelf')), 'nodes'), () => constant('x')),
  'kvetchConnection, edges': ($doc) =>
    each(get(kvetchConnection('docs', get($doc, 'shelf')), 'edges'), ($e) => access($e, 'node', 'name')),
  'kvetchConnection, filter': ($doc) =>
    each(
      get(
        kvetchConnection(
          'docs',
          get($doc, 'shelf'),
          {},
          { filter: ($d) => condition('===', get($d, 'name'), constant('first')) },
        ),
        'nodes',
      ),
      () => constant('x'),
    ),
  kvetchIndexConnection: ($doc) =>
    each(get(kvetchIndexConnection('by_kind', lambda(get($doc, 'kind'), lower)), 'edges'), () => constant('x')),
  kvetchBrowseConnection: ($doc) =>
    lambda(
      [get($doc, 'name'), get(kvetchBrowseConnection('Doc'), 'nodes')],
      ([name, nodes]) => `${name} ${nodes.length}`,
    ),
};

function entriesOf(groups: ReadonlyMap<unknown, unknown> | null): unknown {
  return groups === null ? null : [...groups];
}

function lower(kind: unknown): string {
  return String(kind).toLowerCase();
}

class TakesStep extends Step<unknown> {
  static override readonly op = 'reads.takes';

  constructor($value: Step, how: 'list' | 'trapped') {
    super();
    if (how === 'list') this.addDependency($value);
    else this.addTrappedDependency($value);
  }

  override execute(_count: number, [values]: readonly [readonly unknown[]]): unknown[] {
    return values.map((value) => JSON.stringify(value ?? null));
  }
}

class TakesGlobalStep extends Step<unknown> {
  static override readonly op = 'reads.takesGlobal';

  constructor($value: Step) {
    super();
    this.addGlobalDependency($value);
  }

  override execute(count: number, [value]: readonly [unknown]): unknown[] {
    return new Array(count).fill(JSON.stringify(value ?? null));
  }
}

/** A place that takes in `form`: a field of a row. */
interface Place {
  readonly plan: ($doc: $) => $;
  readonly type?: string;
  readonly selection?: string;
  readonly typeDefs?: string;
  readonly config?: Partial<SchemaConfig>;
  /** The directive of a part that is delivered later. */
  readonly later?: 'defer' | 'stream';
  /** The field is one of `Query`, over the first row. */
  readonly isGlobal?: boolean;
}

const text = (value: unknown): string => JSON.stringify(value) ?? 'nothing';
const ok = { ok: () => constant(1) };

/** `n` keeps the types of a field apart. */
const places: Record<string, (form: Form, n: string) => Place> = {
  leaf: (form) => ({ plan: form }),
  '@defer': (form) => ({ plan: form, later: 'defer' }),
  '@stream': (form) => ({ plan: form, type: '[JSON]', later: 'stream' }),
  'list of leaves': (form) => ({ plan: form, type: '[JSON]' }),
  object: (form, n) => ({
    plan: form,
    type: `O${n}`,
    selection: '{ ok }',
    typeDefs: `type O${n} { ok: Int }`,
    config: { objects: { [`O${n}`]: { plans: ok } } },
  }),
  'list of objects': (form, n) => ({
    plan: form,
    type: `[O${n}]`,
    selection: '{ ok }',
    typeDefs: `type O${n} { ok: Int }`,
    config: { objects: { [`O${n}`]: { plans: ok } } },
  }),
  'resolver below': (form, n) => ({
    plan: form,
    type: `O${n}`,
    selection: '{ own }',
    typeDefs: `type O${n} { own: JSON }`,
    config: { objects: { [`O${n}`]: { plans: { own: { resolve: (source) => text(source) } } } } },
  }),
  'default fields below': (form, n) => ({
    plan: form,
    type: `[O${n}]`,
    selection: '{ name }',
    typeDefs: `type O${n} { name: JSON }`,
  }),
  isTypeOf: (form, n) => ({
    plan: form,
    type: `O${n}`,
    selection: '{ ok }',
    typeDefs: `type O${n} { ok: Int }`,
    config: { objects: { [`O${n}`]: { plans: ok, isTypeOf: (value) => text(value) !== '{}' } } },
  }),
  authorize: (form, n) => ({
    plan: ($doc) => $doc,
    type: `O${n}`,
    selection: '{ ok }',
    typeDefs: `type O${n} { ok: Int }`,
    config: { objects: { [`O${n}`]: { plans: ok, authorize: form } } },
  }),
  'authorize, left out of lists': (form, n) => ({
    plan: ($doc) => list([$doc]),
    type: `[O${n}!]`,
    selection: '{ ok }',
    typeDefs: `type O${n} { ok: Int }`,
    config: { objects: { [`O${n}`]: { plans: ok, authorize: form, hidden: 'leaveOut' } } },
  }),
  'authorize, left out of lists of a union': (form, n) => ({
    plan: ($doc) => list([$doc]),
    type: `[U${n}]`,
    selection: `{ ... on O${n} { ok } }`,
    typeDefs: `type O${n} { ok: Int } type P${n} { ok: Int } union U${n} = O${n} | P${n}`,
    config: {
      objects: { [`O${n}`]: { plans: ok, authorize: form, hidden: 'leaveOut' } },
      unions: {
        [`U${n}`]: {
          planType: ($row: $) => ({
            $__typename: lambda(get($row, 'kind'), (kind) => `${kind === 'Red' ? 'O' : 'P'}${n}`),
          }),
        },
      },
    },
  }),
  'authorize of a node': (form, n) => ({
    plan: ($doc) => connection(list([$doc])),
    type: `C${n}`,
    selection: '{ nodes { ok } totalCount }',
    typeDefs: `type C${n} { nodes: [O${n}] totalCount: Int } type O${n} { ok: Int }`,
    config: { objects: { [`O${n}`]: { plans: ok, authorize: form } } },
  }),
  planType: (form, n) => ({
    plan: ($doc) => $doc,
    type: `I${n}`,
    selection: '{ __typename }',
    typeDefs: `interface I${n} { ok: Int } type O${n} implements I${n} { ok: Int } type P${n} implements I${n} { ok: Int }`,
    config: {
      interfaces: {
        [`I${n}`]: {
          planType: ($row: $) => ({ $__typename: lambda(form($row), (value) => `${value ? 'O' : 'P'}${n}`) }),
        },
      },
    },
  }),
  toSpecifier: (form, n) => ({
    plan: ($doc) => $doc,
    type: `I${n}`,
    selection: '{ __typename }',
    typeDefs: `interface I${n} { ok: Int } type O${n} implements I${n} { ok: Int } type P${n} implements I${n} { ok: Int }`,
    config: {
      interfaces: {
        [`I${n}`]: {
          toSpecifier: form,
          planType: ($s: $) => ({ $__typename: lambda($s, (value) => `${value ? 'O' : 'P'}${n}`) }),
        },
      },
    },
  }),
  planForType: (form, n) => ({
    plan: ($doc) => $doc,
    type: `I${n}`,
    selection: '{ ok }',
    typeDefs: `interface I${n} { ok: Int } type O${n} implements I${n} { ok: Int }`,
    config: {
      objects: { [`O${n}`]: { plans: ok } },
      interfaces: {
        [`I${n}`]: { planType: ($s: $) => ({ $__typename: lambda($s, () => `O${n}`), planForType: () => form($s) }) },
      },
    },
  }),
  dependency: (form) => ({ plan: ($doc) => new TakesStep(form($doc), 'list') }),
  'trapped dependency': (form) => ({ plan: ($doc) => new TakesStep(form($doc), 'trapped') }),
  'global dependency': (form) => ({ isGlobal: true, plan: ($doc) => new TakesGlobalStep(form($doc)) }),
  'globals of a loader': (form) => ({
    isGlobal: true,
    plan: ($doc) => lambda(loadOne(constant('k'), echo, form($doc)), text),
  }),
  'arguments of a connection': (form) => ({
    isGlobal: true,
    plan: ($doc) =>
      get(connection(constant([1, 2, 3]), { first: lambda(form($doc), (value) => (value ? 1 : 2)) }), 'nodes'),
  }),
  lambda: (form) => ({ plan: ($doc) => lambda(form($doc), text) }),
  'lambda that drops it': (form) => ({ plan: ($doc) => lambda([form($doc)], () => 'x') }),
  'object, list': (form) => ({ plan: ($doc) => object({ a: list([form($doc)]) }) }),
  'condition of one': (form) => ({ plan: ($doc) => condition('not null', form($doc)) }),
  'condition of two': (form) => ({ plan: ($doc) => condition('===', form($doc), constant('One')) }),
  'condition, second': (form) => ({ plan: ($doc) => condition('<', constant(0), form($doc)) }),
  inhibitIf: (form) => ({ plan: ($doc) => inhibitIf(constant('v'), form($doc)) }),
  'inhibitIf, value': (form) => ({ plan: ($doc) => inhibitIf(form($doc), constant(false)) }),
  'inhibitIf, dropped': (form) => ({ plan: ($doc) => inhibitIf(form($doc), constant(true)) }),
  exitIf: (form) => ({ plan: ($doc) => exitIf(form($doc), null, constant('v')) }),
  'exitIf, itself': (form) => ({ plan: ($doc) => exitIf(form($doc), null) }),
  inhibitOnNull: (form) => ({ plan: ($doc) => lambda([inhibitOnNull(form($doc))], () => 'x') }),
  'inhibitOnNull, if': (form) => ({ plan: ($doc) => inhibitOnNull(constant(null), { if: form($doc) }) }),
  inhibitOnEmpty: (form) => ({ plan: ($doc) => lambda([inhibitOnEmpty(form($doc))], () => 'x') }),
  assertNotNull: (form) => ({ plan: ($doc) => lambda([assertNotNull(form($doc), 'No value.')], () => 'x') }),
  'assertNotNull, if': (form) => ({ plan: ($doc) => assertNotNull(constant(null), 'No value.', { if: form($doc) }) }),
  trap: (form) => ({ plan: ($doc) => trap(form($doc), TRAP_ERROR) }),
  'trap, if': (form) => ({ plan: ($doc) => trap(error('Closed.'), TRAP_ERROR, { if: form($doc) }) }),
  coalesce: (form) => ({ plan: ($doc) => coalesce(form($doc), constant('other')) }),
  'coalesce, last': (form) => ({ plan: ($doc) => coalesce(constant(null), form($doc)) }),
  'coalesce, not chosen': (form) => ({ plan: ($doc) => coalesce(constant('v'), form($doc)) }),
  'list of each': (form) => ({ plan: ($doc) => each(form($doc), ($item) => lambda($item, text)) }),
  'list of each, unread': (form) => ({ plan: ($doc) => each(form($doc), () => constant('x')) }),
  'result of each': (form) => ({ plan: ($doc) => each(constant([1, 2]), () => form($doc)) }),
  'list of filter': (form) => ({ plan: ($doc) => filter(form($doc), () => constant(true)) }),
  'list of filter, unread': (form) => ({ plan: ($doc) => listLength(filter(form($doc), () => constant(true))) }),
  'condition of filter': (form) => ({ plan: ($doc) => filter(constant([1, 2]), () => form($doc)) }),
  'list of groupBy': (form) => ({
    plan: ($doc) =>
      lambda(
        groupBy(form($doc), () => constant('k')),
        entriesOf,
      ),
  }),
  'key of groupBy': (form) => ({
    plan: ($doc) =>
      lambda(
        groupBy(constant([1, 2]), () => form($doc)),
        entriesOf,
      ),
  }),
  first: (form) => ({ plan: ($doc) => first(form($doc)) }),
  at: (form) => ({ plan: ($doc) => lambda(at(form($doc), -1), text) }),
  reverse: (form) => ({ plan: ($doc) => reverse(form($doc)) }),
  listLength: (form) => ({ plan: ($doc) => listLength(form($doc)) }),
  'list of a connection': (form) => ({ plan: ($doc) => get(connection(form($doc)), 'nodes') }),
  'list of a connection, counted': (form) => ({ plan: ($doc) => get(connection(form($doc)), 'totalCount') }),
  'list of a connection, unread': (form, n) => ({
    plan: ($doc) => connection(form($doc)),
    type: `C${n}`,
    selection: '{ __typename }',
    typeDefs: `type C${n} { ok: Int }`,
  }),
  remapKeys: (form) => ({ plan: ($doc) => lambda(remapKeys(form($doc), { title: 'name' } as never), text) }),
  'key of loadOne': (form) => ({ plan: ($doc) => lambda(loadOne(form($doc), echo), text) }),
  'key of loadOne, known': (form) => ({ plan: ($doc) => get(loadOne(lambda(form($doc), text), byKnownId), 'id') }),
  'key of loadMany': (form) => ({ plan: ($doc) => lambda(loadMany(form($doc), echoList), text) }),
  'key of loadMany, unread': (form) => ({ plan: ($doc) => each(loadMany(form($doc), echoList), () => constant('x')) }),
  'key of Kvetch': (form) => ({ plan: ($doc) => condition('not null', loadObject(lambda(form($doc), String))) }),
  'key of a Kvetch list': (form) => ({ plan: ($doc) => get(kvetchConnection('docs', form($doc)), 'totalCount') }),
  sideEffect: (form) => ({ plan: ($doc) => sideEffect(form($doc), text) }),
  'key of recordDependency': (form) => ({ plan: ($doc) => recordDependency(constant('v'), lambda(form($doc), text)) }),
  'value of recordDependency': (form) => ({ plan: ($doc) => recordDependency(form($doc), constant('k')) }),
  nodeId: (form) => ({ plan: ($doc) => nodeId('Doc', form($doc)) }),
  node: (form, n) => ({
    plan: ($doc) => node(nodeId(`O${n}`, form($doc)), { types: { [`O${n}`]: ($key) => object({ key: $key }) } }),
    type: `N${n}`,
    selection: '{ key }',
    typeDefs: `interface N${n} { key: JSON } type O${n} implements N${n} { key: JSON }`,
    config: { interfaces: { [`N${n}`]: { planType: planNode({ [`O${n}`]: ($key) => object({ key: $key }) }) } } },
  }),
};

interface Response {
  readonly initialResult: object;
  readonly subsequentResults: AsyncIterable<object>;
}

interface Prepared {
  ask(operation: string): Promise<unknown>;
}

/** A schema with a field `f0`, `f1`, ... for each form, in one place. */
function prepare(
  place: (form: Form, n: string) => Place,
  docs: () => $,
  doc: () => $,
): Prepared & { operations: string[] } {
  const all = Object.values(forms).map((form, index) => place(form, String(index)));
  const field = ({ type = 'JSON', isGlobal = false }: Place, n: number, global: boolean): string =>
    isGlobal === global ? `f${n}: ${type}` : '';
  const sdl = (global: boolean): string => all.map((each, n) => field(each, n, global)).join(' ');
  const plans = (global: boolean) =>
    Object.fromEntries(
      all.flatMap(({ plan, isGlobal = false }, n) =>
        isGlobal === global ? [[`f${n}`, ($doc: $) => plan(global ? doc() : $doc)]] : [],
      ),
    );
  const merged = (part: 'objects' | 'interfaces' | 'unions') =>
    Object.assign({}, ...all.map(({ config }) => config?.[part] ?? {}));
  const schema = makeSchema({
    typeDefs: [
      'scalar JSON',
      `type Query { docs: [Doc] ${sdl(true)} } type Doc { none: Int ${sdl(false)} }`,
      ...all.map(({ typeDefs = '' }) => typeDefs).filter((piece) => piece !== ''),
    ],
    objects: {
      Query: { plans: { docs, ...plans(true) } },
      Doc: { plans: plans(false) },
      ...merged('objects'),
    },
    interfaces: merged('interfaces'),
    unions: merged('unions'),
  } as SchemaConfig);
  const engine = createEngine({ schema });
  return {
    operations: all.map(({ isGlobal = false, selection = '', later }, n) => {
      const field = `f${n} ${selection} ${later === 'stream' ? '@stream(initialCount: 0)' : ''}`;
      if (later === 'defer') return `{ docs { ... @defer { ${field} } } }`;
      return isGlobal ? `{ ${field} }` : `{ docs { ${field} } }`;
    }),
    ask: async (operation) => {
      const result = (await engine.executeIncrementally({
        document: parse(operation),
        contextValue: { kvetch },
      })) as Partial<Response>;
      const payloads: unknown[] = [result.initialResult ?? result];
      for await (const payload of result.subsequentResults ?? []) payloads.push(payload);
      const { data, errors } = mergePayloads(payloads);
      // Messages show values that are no lists, as far as they were loaded.
      return {
        data,
        errors: errors.map((message) => message.replace(/was given .* where/, 'was given a value where')),
      };
    },
  };
}

const byId = (from: typeof selecting) => () => each(constant(['1', '2', '3']), ($id: $) => loadOne($id, from));
const one = (from: typeof selecting) => () => loadOne(constant('1'), from);

const test = suite('what is taken in is read');
let answered = 0;
let failed = 0;

for (const [name, place] of Object.entries(places)) {
  test(`every step function as: ${name} [5.6.2]`, async () => {
    const some = prepare(place, byId(selecting), one(selecting));
    const all = prepare(place, byId(whole), one(whole));
    const wrong: string[] = [];
    for (const [index, form] of Object.keys(forms).entries()) {
      const operation = some.operations[index] as string;
      const answer = await some.ask(operation);
      const right = (await all.ask(operation)) as { errors: readonly string[] };
      if (right.errors.length === 0) answered++;
      else failed++;
      if (JSON.stringify(answer) !== JSON.stringify(right)) {
        wrong.push(`${form}: ${JSON.stringify(answer)} instead of ${JSON.stringify(right)}`);
      }
    }
    assert.equal(wrong, []);
  });
}

test('most of the combinations make sense', () => {
  assert.ok(answered > failed, `${answered} answers, ${failed} with errors`);
});

/** Ways to a list of rows. */
const sources: Record<string, readonly [() => $, () => $]> = {
  loadMany: [() => loadMany(constant('k'), selectingAll), () => loadMany(constant('k'), wholeAll)],
  'loadOne of a list': [() => loadOne(constant('k'), selectingAll), () => loadOne(constant('k'), wholeAll)],
  filter: [
    () => filter(byId(selecting)(), ($doc) => get($doc, 'isPublic')),
    () => filter(byId(whole)(), ($doc) => get($doc, 'isPublic')),
  ],
  reverse: [() => reverse(loadMany(constant('k'), selectingAll)), () => reverse(loadMany(constant('k'), wholeAll))],
  connection: [
    () => get(connection(loadMany(constant('k'), selectingAll)), 'nodes'),
    () => get(connection(loadMany(constant('k'), wholeAll)), 'nodes'),
  ],
  edges: [
    () => each(get(connection(loadMany(constant('k'), selectingAll)), 'edges'), ($edge) => get($edge, 'node')),
    () => each(get(connection(loadMany(constant('k'), wholeAll)), 'edges'), ($edge) => get($edge, 'node')),
  ],
  'list of steps': [() => list([one(selecting)()]), () => list([one(whole)()])],
  'trapped, inhibited, exited': [
    () => trap(inhibitOnNull(exitIf(constant(false), null, byId(selecting)())), TRAP_INHIBITED),
    () => trap(inhibitOnNull(exitIf(constant(false), null, byId(whole)())), TRAP_INHIBITED),
  ],
  coalesce: [() => coalesce(constant(null), byId(selecting)()), () => coalesce(constant(null), byId(whole)())],
};

for (const [name, [some, all]] of Object.entries(sources)) {
  test(`every step function over the rows of: ${name} [5.6.2]`, async () => {
    const selected = prepare(places.lambda as never, some, one(selecting));
    const complete = prepare(places.lambda as never, all, one(whole));
    const wrong: string[] = [];
    for (const [index, form] of Object.keys(forms).entries()) {
      const operation = selected.operations[index] as string;
      const answer = JSON.stringify(await selected.ask(operation));
      const right = JSON.stringify(await complete.ask(operation));
      if (answer !== right) wrong.push(`${form}: ${answer} instead of ${right}`);
    }
    assert.equal(wrong, []);
  });
}

test('lists of Kvetch are there where no item is read [5.6.5]', async () => {
  const lists: Record<string, () => $> = {
    loadEdges: () => get(loadEdges('docs', constant(shelf)), 'edges'),
    loadEdgeObjects: () => get(loadEdgeObjects('docs', constant(shelf)), 'objects'),
    loadIndex: () => get(loadIndex('by_kind', constant('red')), 'ids'),
    loadIndexObjects: () => get(loadIndexObjects('by_kind', constant('red')), 'objects'),
    browseObjects: () => get(browseObjects('Doc'), 'objects'),
    'kvetchConnection nodes': () => get(kvetchConnection('docs', constant(shelf)), 'nodes'),
    'kvetchConnection edges': () => get(kvetchConnection('docs', constant(shelf)), 'edges'),
    'kvetchIndexConnection nodes': () => get(kvetchIndexConnection('by_kind', constant('red')), 'nodes'),
    'kvetchIndexConnection edges': () => get(kvetchIndexConnection('by_kind', constant('red')), 'edges'),
    'kvetchBrowseConnection nodes': () => get(kvetchBrowseConnection('Doc'), 'nodes'),
    filtered: () =>
      get(kvetchConnection('docs', constant(shelf), {}, { filter: ($doc) => get($doc, 'name') }), 'nodes'),
    'filtered edges': () =>
      get(kvetchConnection('docs', constant(shelf), {}, { filter: ($doc) => get($doc, 'name') }), 'edges'),
    loadObjects: () => loadObjects(loadEdges('docs', constant(shelf))),
  };
  const uses: Record<string, ($list: $) => $> = {
    each: ($list) => each($list, () => constant('x')),
    filter: ($list) =>
      lambda(listLength(filter($list, () => constant(true))), (length) => Array(length ?? 0).fill('x')),
    groupBy: ($list) =>
      lambda(
        groupBy($list, () => constant('x')),
        (groups) => groups.get('x')?.map(() => 'x'),
      ),
    listLength: ($list) => lambda(listLength($list), (length) => Array(length ?? 0).fill('x')),
    connection: ($list) => each(get(connection($list), 'edges'), () => constant('x')),
    reverse: ($list) => each(reverse($list), () => constant('x')),
    condition: ($list) => lambda(condition('not null', $list), (is) => (is ? ['x', 'x'] : null)),
    at: ($list) => lambda([at($list, 0), at($list, 1)], (items) => items.map((item) => item && 'x')),
    'by a text': ($list) => lambda([get($list, '0'), get($list, '1')], (items) => items.map((item) => item && 'x')),
  };
  for (const [name, $list] of Object.entries(lists)) {
    for (const [use, f] of Object.entries(uses)) {
      const schema = makeSchema({
        typeDefs: 'scalar JSON type Query { a: JSON }',
        objects: { Query: { plans: { a: () => f($list()) } } },
      });
      const { data, errors } = await createEngine({ schema }).execute({
        document: parse('{ a }'),
        contextValue: { kvetch },
      });
      assert.equal(JSON.parse(JSON.stringify({ data, errors })), { data: { a: ['x', 'x'] } }, `${name}, ${use}`);
    }
  }
});

test('the source of a subscription is read [5.6.5]', async () => {
  const ways: Record<string, () => $> = {
    get: () => get(loadOne(constant('1'), selecting), 'events'),
    lambda: () => lambda(loadOne(constant('1'), selecting), (row) => row?.events),
    listen: () =>
      listen(
        constant({ subscribe: (topic: string) => (topic === 'One' ? events() : null) }) as $,
        get(loadOne(constant('1'), selecting), 'name') as $,
      ),
    'the row itself': () => inhibitOnNull(loadOne(constant('list'), eventsByKey)),
  };
  const eventsByKey = loader<AsyncIterable<unknown>, string>({
    name: 'reads.events',
    load: (keys, { attributes }) => keys.map(() => (attributes === null ? events() : null)) as never,
  });
  for (const [name, subscribePlan] of Object.entries(ways)) {
    const schema = makeSchema({
      typeDefs: 'type Query { a: Int } type Subscription { said: String }',
      objects: { Subscription: { plans: { said: { subscribePlan, plan: ($event: $) => get($event, 'text') } } } },
    });
    const stream = await subscribe({ schema, document: parse('subscription { said }') });
    assert.ok(Symbol.asyncIterator in stream, `${name}: ${JSON.stringify(stream)}`);
    for await (const event of stream as AsyncIterable<unknown>) {
      assert.equal(JSON.parse(JSON.stringify(event)), { data: { said: 'hello' } }, name);
    }
  }
});

/** What a loader is asked for: no more than what is read. */
const exact: Record<string, readonly [Form, readonly string[] | null]> = {
  'each, items unread': [forms['each, items unread'] as Form, ['tags']],
  'filter, items unread': [forms['filter, items unread'] as Form, ['tags']],
  coalesce: [forms.coalesce as Form, ['isPublic']],
  'each of a list of steps': [forms['each of a list of steps'] as Form, ['name']],
  'whether it is there': [($doc) => condition('not null', $doc), []],
  'what decides': [($doc) => exitIf(get($doc, 'isHidden'), null, get($doc, 'name')), ['isHidden', 'name']],
  lambda: [forms.lambda as Form, null],
};

for (const [name, [form, attributes]] of Object.entries(exact)) {
  test(`a loader is asked for what is read: ${name}`, async () => {
    const schema = makeSchema({
      typeDefs: 'scalar JSON type Query { docs: [Doc] } type Doc { a: JSON }',
      objects: { Query: { plans: { docs: byId(selecting) } }, Doc: { plans: { a: form } } },
    });
    asked.length = 0;
    await createEngine({ schema }).execute({ document: parse('{ docs { a } }') });
    assert.equal(asked, [attributes]);
  });
}

test('an absent row is absent where its key is known', async () => {
  const schema = makeSchema({
    typeDefs: 'type Query { doc: Doc other: Doc hidden: Doc2 } type Doc { id: ID } type Doc2 { id: ID }',
    objects: {
      Query: {
        plans: {
          doc: () => coalesce(loadOne(constant('9'), byKnownId), object({ id: constant('none') })) as AnyStep,
          other: () => inhibitOnNull(loadOne(constant('9'), byKnownId)),
          hidden: () => loadOne(constant('9'), byKnownId),
        },
      },
      Doc2: { authorize: ($doc) => condition('not null', $doc) },
    },
  });
  const { data } = await createEngine({ schema }).execute({
    document: parse('{ doc { id } other { id } hidden { id } }'),
  });
  assert.equal(JSON.parse(JSON.stringify(data)), { doc: { id: 'none' }, other: null, hidden: null });
});

test('every step function is in the table', () => {
  const source = readSource('test/steps/reads.test.ts');
  const others = ['loader', 'fn', 'encodeNodeId', 'decodeNodeId', 'kvetchSteps', 'recordDependency'];
  const names = [steps, kvetchSteps].flatMap((module) =>
    Object.entries(module).flatMap(([name, value]) =>
      typeof value === 'function' && /^[a-z]/.test(name) ? [name] : [],
    ),
  );
  for (const name of names.filter((each) => !others.includes(each)))
    assert.match(source, new RegExp(`\\b${name}\\(`), name);
});

test.run();
