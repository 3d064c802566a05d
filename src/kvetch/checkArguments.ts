import { anything, checkOptions, integer, type OptionTable, oneOf } from '../errors/checkOptions.ts';
import type { ChangesOptions } from './changes/StoredChange.ts';
import { KvetchOptionError } from './errors.ts';
import type { WhileBuilding } from './KvetchContext.ts';
import type { CountArgs, EdgeQuestion, EdgesRequest, IndexRequest, ListArgs, PageWays } from './reads/KvetchReads.ts';
import type { ConsistencyToken } from './shards/ConsistencyToken.ts';
import type { UpdateOptions } from './writes/changeInTurn.ts';
import type { EdgeInput, IndexEntryInput } from './writes/plainWrites.ts';
import type { CreateRequest } from './writes/prepareCreate.ts';
import type { UnitOptions } from './writes/unit/unitKey.ts';

/** The options of `kvetch.with`. */
export interface WithOptions {
  readonly freshness?: ConsistencyToken;
  readonly whileBuilding?: WhileBuilding;
  /** Whether stored ids are written without a look for their objects. Default false. */
  readonly unchecked?: boolean;
}

const request: OptionTable<CreateRequest> = {
  data: anything,
  id: anything,
  near: anything,
  idempotencyKey: anything,
  madeFrom: anything,
};
const { data: _, ...creation } = request;
const update: OptionTable<UpdateOptions> = { ifVersion: anything, if: anything };
const page: OptionTable<PageWays> = {
  first: anything,
  after: anything,
  last: anything,
  before: anything,
  reverse: anything,
};
const listPage: OptionTable<ListArgs> = { ...page, range: anything };
const counted: OptionTable<CountArgs> = { range: anything, upTo: anything };
const summed: OptionTable<Pick<CountArgs, 'range'>> = { range: anything };
const edges: OptionTable<EdgesRequest> = { ...listPage, edge: anything, fromId: anything };
const question: OptionTable<EdgeQuestion> = { edge: anything, fromId: anything, toId: anything };
const index: OptionTable<Omit<IndexRequest, 'isTurned'>> = { ...listPage, index: anything, value: anything };
const edge: OptionTable<EdgeInput> = { fromId: anything, toId: anything, data: anything };
const entry: OptionTable<IndexEntryInput> = { value: anything, targetId: anything };
const changes: OptionTable<ChangesOptions> = {
  from: anything,
  follow: oneOf(true, false),
  pollMs: integer(1),
  signal: anything,
};
const unit: OptionTable<UnitOptions> = { idempotencyKey: anything, madeFrom: anything };
const options: OptionTable<WithOptions> = {
  freshness: anything,
  whileBuilding: oneOf('refuse', 'answer'),
  unchecked: oneOf(true, false),
};

type Method =
  | ('with' | 'createObject' | 'createOnce' | 'createObjects' | 'updateObject' | 'deleteObject')
  | ('updateObjects' | 'deleteObjects' | 'insertEdges')
  | ('insertEdge' | 'deleteEdge' | 'getEdges' | 'getEdgeLists')
  | ('countEdges' | 'countIndex' | 'countEdgeLists' | 'sumEdges' | 'sumIndex' | 'hasEdges')
  | ('insertIndexEntry' | 'deleteIndexEntry' | 'queryIndex' | 'queryIndexes' | 'browse' | 'browsePages')
  | ('changes' | 'write' | 'findUnit' | 'newId');

/** The options that each method of a store takes, or that each of its requests has. */
const methods: Readonly<Record<Method, OptionTable<object>>> = {
  with: options,
  createObject: creation,
  createOnce: creation,
  createObjects: request,
  updateObject: update,
  deleteObject: update,
  updateObjects: { ...update, id: anything, data: anything },
  deleteObjects: { ...update, id: anything },
  insertEdge: edge,
  insertEdges: edge,
  deleteEdge: edge,
  getEdges: listPage,
  getEdgeLists: edges,
  countEdges: counted,
  countIndex: counted,
  sumEdges: summed,
  sumIndex: summed,
  countEdgeLists: { ...counted, sum: anything, edge: anything, fromId: anything },
  insertIndexEntry: entry,
  deleteIndexEntry: entry,
  queryIndex: listPage,
  hasEdges: question,
  queryIndexes: index,
  browse: page,
  browsePages: { first: anything, after: anything },
  changes,
  write: unit,
  findUnit: unit,
  newId: { near: anything, idempotencyKey: anything, madeFrom: anything },
};

/** Refuses unknown options of a method. @throws KvetchOptionError */
export function checkArguments(method: Method, given: object | undefined): void {
  checkOptions(`kvetch.${method}`, given, methods[method], KvetchOptionError);
}
