import { appendAll } from '../../utils/appendAll.ts';
import { checkKeys } from '../../utils/checkKeys.ts';
import { getOrCreate } from '../../utils/getOrCreate.ts';
import { itemAt } from '../../utils/itemAt.ts';
import { covers, fieldOf, join } from '../../utils/positions.ts';
import type { DependencyGroup } from '../../utils/reactiveExtension.ts';
import type { Answer } from './Answer.ts';
import type { AstNode } from './ast.ts';
import type { Variables } from './document.ts';
import { cut, inline, ofType, queryOf, setOf } from './documentParts.ts';
import type { MakeDocument, PartRequest } from './parts.ts';
import { pathOf } from './positions.ts';
import { isObject } from './Selection.ts';
import { idOf } from './Store.ts';
import type { ObjectsWanted } from './wanted.ts';

/** The options of `refetchByDocument`. */
interface DocumentOptions {
  /** The types of the objects that can be fetched by their ids. */
  readonly nodeTypes: readonly string[];
  /** The field of `Query` that gives the objects of a list of ids, in its order: `nodes(ids: …)`. Default: one `node(id: …)` an object. */
  readonly nodes?: string;
  /** The type of ids. Default `ID`. */
  readonly idType?: string;
  /**
   * What is fetched of an object with a stale key of scope `self`: `all` that the operation selects of it (default), or
   * its `leaves` only, for servers whose links and lists have keys of their own that name every change. Spec 12.7.4.
   */
  readonly self?: 'all' | 'leaves';
}

const PREFIX = 'planqlNodes';
const MAX_IDS = 100;

/**
 * Makes the option `documents` of `createReactiveClient`: stale data is fetched by ordinary documents that are made of the
 * original one. For servers that send dependencies, and do not know `refetch`. Spec 12.7.
 *
 * @throws TypeError with the code `BAD_OPTION`.
 */
export function refetchByDocument(options: DocumentOptions): MakeDocument {
  checkKeys('refetchByDocument', options, 'nodeTypes nodes idType self');
  return (request) => {
    const { operation, variables } = request;
    const parts = new DocumentParts(options, request);
    const { entries, positions } = parts;
    if (entries.reduce((sum, { ids }) => sum + ids.length, 0) > MAX_IDS) return null;
    const roots =
      positions.length === 0 ? [] : cut(operation.selectionSet, positions.map(keysOf), operation.fragments, true);
    const fields = entries.map((entry, n) => nodesField(options, entry, `${PREFIX}${n}`));
    const definitions = entries.map((_, n) => definitionOf(options, `${PREFIX}${n}`));
    const { made, names } = queryOf(operation, [...roots, ...fields], definitions);
    const given: Variables = Object.fromEntries(
      entries.map(({ ids }, n) => [`${PREFIX}${n}`, options.nodes === undefined ? ids[0] : ids]),
    );
    const all = { ...variables, ...given };
    return {
      operation: made,
      variables: Object.fromEntries(Object.entries(all).filter(([name]) => names.has(name))),
      wanted: { positions: [...new Set([...request.wanted.positions, ...positions])], objects: entries },
      read: (answer) => read(answer, entries),
    };
  };
}

/** Objects that are fetched by their ids, with their selections. */
interface Entry extends ObjectsWanted {
  readonly selections: readonly AstNode[];
}

/** Finds, for all that is wanted, the nearest objects that can be fetched by their ids. */
class DocumentParts {
  readonly entries: readonly Entry[];
  /** Positions that are fetched from the root: nothing above them can be. */
  readonly positions: string[] = [];
  readonly #options: DocumentOptions;
  readonly #request: PartRequest;

  constructor(options: DocumentOptions, request: PartRequest) {
    this.#options = options;
    this.#request = request;
    const entries: Entry[] = [];
    const below = new Map<string, string[]>();
    const add = (at: string): void => {
      const above = this.#nodesAbove(at);
      if (above === null) this.positions.push(at);
      else getOrCreate(below, above, () => []).push(at);
    };
    request.wanted.positions.forEach(add);
    for (const { at, ids, below: wanted } of request.wanted.objects) {
      const entry = this.#entry(at, ids, wanted ?? null);
      if (entry === null) (wanted ?? [fieldOf(at)]).forEach(add);
      else entries.push(entry);
    }
    for (const [at, positions] of below) {
      const entry = this.#entry(at, null, positions);
      if (entry !== null) entries.push(entry);
    }
    this.entries =
      options.nodes === undefined
        ? entries.flatMap((entry) => entry.ids.map((id) => ({ ...entry, ids: [id] })))
        : entries;
  }

  #nodesAbove(at: string): string | null {
    for (let above = parentOf(at); above !== ''; above = parentOf(above)) {
      if (this.#entry(above, null, [at]) !== null) return above;
    }
    return null;
  }

  /** `ids`: null: of all objects at the position. Null: they cannot be fetched by their ids. */
  #entry(at: string, ids: readonly string[] | null, below: readonly string[] | null): Entry | null {
    const { possibleTypes, operation, shownAt } = this.#request;
    const { nodeTypes, self = 'all' } = this.#options;
    const { sets, records } = shownAt(at);
    const chosen = records.filter((record) => ids === null || record === null || ids.includes(idOf(record)));
    const types = new Set(chosen.map((record) => record?.slice(0, record.indexOf(':')) ?? ''));
    if (sets === null || chosen.length === 0 || chosen.length < (ids?.length ?? 0)) return null;
    const paths = (below ?? []).map((position) => keysOf(position).slice(keysOf(at).length));
    const selections: AstNode[] = [];
    for (const type of types) {
      const own = sets.map((set) => ofType(set, type, possibleTypes, operation.fragments));
      const nodes = own.flatMap((one) => one ?? []);
      if (!nodeTypes.includes(type) || own.includes(null)) return null;
      const all = setOf(nodes);
      const wanted = below !== null ? cut(all, paths, operation.fragments) : self === 'all' ? nodes : leavesOf(nodes);
      if (wanted.length > 0) selections.push(inline({ kind: 'NamedType', name: { value: type } }, wanted));
    }
    const found = chosen.flatMap((record) => (record === null ? [] : [idOf(record)]));
    return { at, ids: found, selections, ...(below !== null && { below }) };
  }
}

function leavesOf(nodes: readonly AstNode[]): readonly AstNode[] {
  return nodes.flatMap((node) => {
    if (node.kind === 'Field') return node.selectionSet === undefined ? [node] : [];
    const inner = leavesOf(node.selectionSet?.selections ?? []);
    return inner.length === 0 ? [] : [{ ...node, selectionSet: setOf(inner) }];
  });
}

function keysOf(at: string): readonly string[] {
  return pathOf(at).split('.');
}

/** The position of the objects that a field belongs to; empty: the root. */
function parentOf(at: string): string {
  const field = fieldOf(at);
  return field.slice(0, Math.max(0, field.lastIndexOf('.')));
}

function nodesField({ nodes }: DocumentOptions, { selections }: Entry, name: string): AstNode {
  const value: AstNode = { kind: 'Variable', name: { value: name } };
  return {
    kind: 'Field',
    alias: { value: name },
    name: { value: nodes ?? 'node' },
    arguments: [{ kind: 'Argument', name: { value: nodes === undefined ? 'id' : 'ids' }, value }],
    selectionSet: setOf(selections),
  };
}

function definitionOf({ nodes, idType = 'ID' }: DocumentOptions, name: string): AstNode {
  const id: AstNode = { kind: 'NonNullType', type: { kind: 'NamedType', name: { value: idType } } };
  return {
    kind: 'VariableDefinition',
    variable: { kind: 'Variable', name: { value: name } },
    type: nodes === undefined ? id : { kind: 'NonNullType', type: { kind: 'ListType', type: id } },
  };
}

/** The answer with positions of the original operation. */
function read(answer: Answer, entries: readonly Entry[]): Answer {
  const { data, extensions } = answer;
  const { reactive } = extensions ?? {};
  if (reactive === undefined || data == null) return answer;
  const main: DependencyGroup[] = [];
  const own = entries.map((): DependencyGroup[] => []);
  for (const group of reactive.groups ?? []) {
    const [, entry, rest] = new RegExp(`^${PREFIX}(\\d+)(?:\\.\\*)?(?:\\.(.+))?$`).exec(group.at) ?? [];
    if (entry === undefined) main.push(group);
    for (const [n, { at, below }] of entries.entries()) {
      // The dependencies of the whole request concern all of its data.
      const isOwn = entry === undefined ? group.at === '' : Number(entry) === n;
      if (isOwn) appendAll(itemAt(own, n), placed({ ...group, at: rest === undefined ? at : join(at, rest) }, below));
    }
  }
  const objects = entries.map(({ at, ids }, n) => {
    const value = data[`${PREFIX}${n}`];
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    const found = ids.map((_, place) => values[place]);
    return { at, objects: found.map((one) => (isObject(one) ? one : null)), groups: own[n] ?? [] };
  });
  return { ...answer, extensions: { ...extensions, reactive: { ...reactive, groups: main, objects } } };
}

/** Keys of the objects above concern all wanted data below them; their own fields are not in the answer. */
function placed(group: DependencyGroup, below: readonly string[] | undefined): readonly DependencyGroup[] {
  if (below === undefined || below.some((position) => covers(position, group.at))) return [group];
  if (group.scope === 'self') return [];
  return below.filter((position) => covers(fieldOf(group.at), position)).map((at) => ({ ...group, at }));
}
