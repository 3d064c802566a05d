import {
  type AnyStep,
  coalesce,
  condition,
  constant,
  context,
  each,
  fn,
  get,
  lambda,
  listLength,
  object,
} from 'planql';
import {
  browseObjects,
  countEdges,
  countIndex,
  hasEdge,
  type KvetchObject,
  kvetchBrowseConnection,
  kvetchConnection,
  kvetchIndexConnection,
  loadEdgeObjects,
  loadEdges,
  loadIndex,
  loadIndexObjects,
  loadObject,
  loadObjects,
} from 'planql/kvetch';
import {
  browsePents,
  chosenList,
  creating,
  deleting,
  pent,
  pentConnection,
  pentEdge,
  pentFromIndex,
  pentHasEdge,
  pentIndexConnection,
  pentStoredId,
  pentsFromIndex,
  updating,
} from 'planql/pent';
import { Exit } from '../../../../src/step/signals.ts';
import { type Kind, type Recipe, recipe, strict } from '../Recipe.ts';
import { areEqual, flag, hasAttributes, int, key, listOf, type Shape, text } from '../Shape.ts';
import { Note, StoredRow, store, storedId, storedIds } from '../store.ts';
import type { RequestContext } from '../World.ts';

const isRows = (shape: Shape): boolean => shape.is === 'list' && hasAttributes(shape.of);
const is =
  (wanted: Shape) =>
  (shape: Shape): boolean =>
    areEqual(shape, wanted);

/** How many entries a page may have. */
interface PageForm {
  readonly first?: number;
}

const stepsOf = ({ first }: PageForm): { readonly $first?: AnyStep } =>
  first === undefined ? {} : { $first: constant(first) };

const { kvetch } = store;
const objectsAt = async (ids: readonly string[]): Promise<readonly unknown[]> => kvetch.getObjects(ids);
const targetsOf = async (from: string, page: PageForm): Promise<readonly unknown[]> =>
  objectsAt((await kvetch.getEdges('near', from, page)).edges.map(({ toId }) => toId));
const foundIn = async (value: string, page: PageForm): Promise<readonly unknown[]> =>
  objectsAt((await kvetch.queryIndex('row_t', value, page)).ids);
const pentsAt = async (ids: readonly string[], context: RequestContext): Promise<readonly unknown[]> =>
  StoredRow.getMany(context.pent, ids);

/** An index holds texts. */
const textOf = fn('plans.textOf', (given: unknown): string => (typeof given === 'string' ? given : 'x'));

/** They leave out what `authorize` of the nodes of their field hides. */
const choosesNodes: ReadonlySet<string> = new Set([
  'kvetchConnection',
  'kvetchTotal',
  'kvetchIndexConnection',
  'kvetchBrowseConnection',
]);

/** A kind that takes the id of an object or a text, and a page. */
function kind(
  name: string,
  takes: 'id' | 'text' | 'nothing',
  yields: (shape: Shape) => boolean,
  plan: ($value: AnyStep, page: { readonly $first?: AnyStep }) => AnyStep,
  make: (value: string, page: PageForm, context: RequestContext) => unknown,
): Kind {
  const convert = takes === 'id' ? storedId : textOf;
  return strict({
    make(maker, shape, scope) {
      if (!maker.knobs.store || !yields(shape) || (scope.isOfPages && choosesNodes.has(name))) return null;
      const form: PageForm = maker.chance(0.5) ? { first: maker.random.below(4) } : {};
      return recipe(name, takes === 'nothing' ? [] : [maker.make(takes === 'id' ? key : text, scope)], form);
    },
    plan: ([$value = constant(null)], form: PageForm) => plan(lambda($value, convert), stepsOf(form)),
    resolve([given], form: PageForm, { context }) {
      const value = convert(given);
      return value === null && takes === 'id' ? null : make(value as string, form, context);
    },
  });
}

/** A kind of a question about two objects. */
function between(
  name: string,
  plan: ($from: AnyStep, $to: AnyStep) => AnyStep,
  make: (from: string | null, to: string | null) => unknown,
): Kind {
  return strict({
    make: (maker, shape, scope) =>
      maker.knobs.store && areEqual(shape, flag) ? recipe(name, maker.all([key, key], scope)) : null,
    plan: ([$from, $to]) => plan(lambda($from as AnyStep, storedId), lambda($to as AnyStep, storedId)),
    resolve: ([from, to]) => make(storedId(from), storedId(to)),
  });
}

/** The order that a viewer asks for. */
const orderOf = fn('plans.order', (name: unknown): string => (name === 'Ada' ? 'LAST' : 'FIRST'));

const isRow = hasAttributes;
const isKeys = is(listOf(key));

export const stored: Readonly<Record<string, Kind>> = {
  loadObject: kind(
    'loadObject',
    'id',
    isRow,
    ($id) => loadObject($id),
    (id) => kvetch.getObject(id),
  ),

  loadObjects: strict({
    make: (maker, shape, scope) =>
      maker.knobs.store && isRows(shape)
        ? recipe('loadObjects', [maker.make(listOf(key), { ...scope, isGlobal: true, depth: 0 })])
        : null,
    plan: ([$keys]) => loadObjects(lambda($keys as AnyStep, storedIds)),
    resolve([keys]) {
      const ids = storedIds(keys);
      return ids === null ? null : objectsAt(ids);
    },
  }),

  objectsOfEdges: kind(
    'objectsOfEdges',
    'id',
    isRows,
    ($id, page) => loadObjects(loadEdges('near', $id, page)),
    targetsOf,
  ),

  loadEdges: kind(
    'loadEdges',
    'id',
    isKeys,
    ($id, page) =>
      each(get(loadEdges('near', $id, page) as AnyStep, 'edges'), ($edge) => get($edge as AnyStep, 'toId')),
    async (id, page) => (await kvetch.getEdges('near', id, page)).edges.map(({ toId }) => toId),
  ),

  hasMoreEdges: kind(
    'hasMoreEdges',
    'id',
    is(flag),
    ($id, page) => get(loadEdges('near', $id, page) as AnyStep, 'hasNextPage'),
    async (id, page) => (await kvetch.getEdges('near', id, page)).hasNextPage,
  ),

  hasEdge: between(
    'hasEdge',
    ($from, $to) => hasEdge('near', $from, $to),
    (from, to) => (from === null || to === null ? null : kvetch.hasEdge('near', from, to)),
  ),

  /** Where the index of a text says how many there are. */
  countIndex: kind(
    'countIndex',
    'text',
    is(int),
    ($text) => countIndex('row_tn', $text),
    (value) => kvetch.countIndex('row_tn', value),
  ),

  loadEdgeObjects: kind(
    'loadEdgeObjects',
    'id',
    isRows,
    ($id, page) => get(loadEdgeObjects('near', $id, page) as AnyStep, 'objects'),
    targetsOf,
  ),

  countEdges: kind(
    'countEdges',
    'id',
    is(int),
    ($id) => countEdges('near', $id),
    (id) => kvetch.countEdges('near', id),
  ),

  loadIndex: kind(
    'loadIndex',
    'text',
    is(int),
    ($text, page) => listLength(get(loadIndex('row_t', $text, page) as AnyStep, 'ids')),
    async (value, page) => (await kvetch.queryIndex('row_t', value, page)).ids.length,
  ),

  loadIndexObjects: kind(
    'loadIndexObjects',
    'text',
    isRows,
    ($text, page) => get(loadIndexObjects('row_t', $text, page) as AnyStep, 'objects'),
    foundIn,
  ),

  browseObjects: kind(
    'browseObjects',
    'nothing',
    isRows,
    (_$nothing, page) => get(browseObjects('StoredRow', page) as AnyStep, 'objects'),
    async (_nothing, page) => (await kvetch.browse('StoredRow', page)).objects,
  ),

  kvetchConnection: kind(
    'kvetchConnection',
    'id',
    isRows,
    ($id, page) => get(kvetchConnection('near', $id, page) as AnyStep, 'nodes'),
    targetsOf,
  ),

  kvetchTotal: kind(
    'kvetchTotal',
    'id',
    is(int),
    ($id, page) => get(kvetchConnection('near', $id, page) as AnyStep, 'totalCount'),
    (id) => kvetch.countEdges('near', id),
  ),

  kvetchIndexConnection: kind(
    'kvetchIndexConnection',
    'text',
    isRows,
    ($text, page) => get(kvetchIndexConnection('row_t', $text, page) as AnyStep, 'nodes'),
    foundIn,
  ),

  kvetchBrowseConnection: kind(
    'kvetchBrowseConnection',
    'nothing',
    isRows,
    (_$nothing, page) => get(kvetchBrowseConnection('StoredRow', page) as AnyStep, 'nodes'),
    async (_nothing, page) => (await kvetch.browse('StoredRow', page)).objects,
  ),

  pent: kind(
    'pent',
    'id',
    isRow,
    ($id) => pent(StoredRow, $id),
    (id, _page, context) => StoredRow.get(context.pent, id),
  ),

  pentStoredId: kind(
    'pentStoredId',
    'id',
    isRow,
    ($id) => pentStoredId(StoredRow, pent(StoredRow, $id), 'next'),
    async (id, _page, context) => {
      const next = (await StoredRow.get(context.pent, id))?.$record.next as string | null | undefined;
      return next === null || next === undefined ? null : StoredRow.get(context.pent, next);
    },
  ),

  pentEdge: kind(
    'pentEdge',
    'id',
    isRows,
    ($id, page) => pentEdge(StoredRow, 'near', pent(StoredRow, $id), page),
    pentsNear,
  ),

  pentConnection: kind(
    'pentConnection',
    'id',
    isRows,
    ($id, page) => get(pentConnection(StoredRow, 'near', pent(StoredRow, $id), page) as AnyStep, 'nodes'),
    pentsNear,
  ),

  pentTotal: kind(
    'pentTotal',
    'id',
    is(int),
    ($id, page) => get(pentConnection(StoredRow, 'near', pent(StoredRow, $id), page) as AnyStep, 'totalCount'),
    async (id, _page, context) =>
      (await StoredRow.get(context.pent, id)) === null ? null : kvetch.countEdges('near', id),
  ),

  pentFromIndex: kind(
    'pentFromIndex',
    'text',
    isRow,
    ($text) => pentFromIndex(StoredRow, 'row_t', $text),
    (value, _page, context) => StoredRow.fromIndex(context.pent, 'row_t', value),
  ),

  pentsFromIndex: kind(
    'pentsFromIndex',
    'text',
    isRows,
    ($text, page) => pentsFromIndex(StoredRow, 'row_t', $text, page),
    async (value, page, context) => pentsAt((await kvetch.queryIndex('row_t', value, page)).ids, context),
  ),

  pentHasEdge: between(
    'pentHasEdge',
    ($from, $to) => pentHasEdge('near', { $from: pent(StoredRow, $from), $to: pent(StoredRow, $to) }),
    async (from, to) => from !== null && to !== null && (await kvetch.hasEdge('near', from, to)),
  ),

  pentIndexConnection: kind(
    'pentIndexConnection',
    'text',
    isRows,
    ($text, page) => get(pentIndexConnection(StoredRow, 'row_t', $text, page) as AnyStep, 'nodes'),
    async (value, page, context) => pentsAt((await kvetch.queryIndex('row_t', value, page)).ids, context),
  ),

  /** One order for the whole request: lists of equal orders are read together. */
  chosenList: kind(
    'chosenList',
    'text',
    isRows,
    ($text, page) => {
      const order = chosenList(lambda(get(context() as AnyStep, 'name'), orderOf), { FIRST: 'row_t', LAST: '-row_t' });
      return get(pentIndexConnection(StoredRow, order, $text, page) as AnyStep, 'nodes');
    },
    async (value, page, context) => {
      const reverse = orderOf(context.name) === 'LAST';
      return pentsAt((await kvetch.queryIndex('row_t', value, { ...page, reverse })).ids, context);
    },
  ),

  browsePents: kind(
    'browsePents',
    'nothing',
    isRows,
    (_$nothing, page) => browsePents(StoredRow, page),
    async (_nothing, page, context) =>
      pentsAt(
        (await kvetch.browse('StoredRow', page)).objects.map((row) => (row as KvetchObject).id),
        context,
      ),
  ),

  /** The attribute of a note that is created. */
  creating: write(
    ($n) => get(creating(Note, { $data: object({ n: $n }) }) as AnyStep, 'n'),
    ([n]) => n,
  ),

  /** Each is created for it; the attribute is the new one. */
  updating: write(
    ($n) => {
      const $id = get(creating(Note, { $data: object({ n: constant(1) }) }) as AnyStep, 'id');
      return get(updating(Note, { $id, $data: object({ n: $n }) }) as AnyStep, 'n');
    },
    ([n]) => n,
  ),

  deleting: write(
    ($n) => {
      const $id = get(creating(Note, { $data: object({ n: $n }) }) as AnyStep, 'id');
      return lambda(condition('not null', deleting(Note, { $id })), oneIf);
    },
    () => 1,
  ),
};

const oneIf = fn('plans.oneIf', (is: boolean) => (is ? 1 : 0));

async function pentsNear(id: string, page: PageForm, context: RequestContext): Promise<unknown> {
  if ((await StoredRow.get(context.pent, id)) === null) return null;
  return pentsAt(
    (await kvetch.getEdges('near', id, page)).edges.map(({ toId }) => toId),
    context,
  );
}

/** A write of a number, in fields of mutations only. */
function write(plan: ($n: AnyStep) => AnyStep, make: (values: readonly unknown[]) => unknown): Kind {
  // An attribute that is undefined keeps its value.
  return {
    make: () => null,
    plan: ({ of }, scope) => plan(coalesce(scope.plan(of[0] as Recipe), constant(null))),
    async resolve({ of }, scope) {
      const outcome = await scope.resolve(of[0] as Recipe);
      return make([(outcome instanceof Exit ? outcome.value : outcome) ?? null]);
    },
  };
}
