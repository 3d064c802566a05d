import type { KvetchContext } from '../KvetchContext.ts';
import type { KvetchObject } from '../KvetchObject.ts';
import { chain } from '../shards/chain.ts';
import type { Batch } from '../shards/ShardStore.ts';
import type {
  BrowsePageRequest,
  EdgeCountRequest,
  EdgeObjectsPage,
  EdgePage,
  EdgeQuestion,
  EdgesRequest,
  IndexCountRequest,
  IndexPage,
  IndexRequest,
  KvetchReads,
  ObjectPage,
  ReadExtra,
} from './KvetchReads.ts';
import { RequestScope } from './RequestScope.ts';
import { readBrowse } from './readBrowse.ts';
import { readCounts, readEdges } from './readEdges.ts';
import { readHas } from './readHas.ts';
import { readShownIndex } from './readIndex.ts';
import { readObjects } from './readObjects.ts';
import { readEdgeObjects, readIndexObjects } from './readTargets.ts';
import { countValueLists } from './readValueLists.ts';
import { Turn } from './Turn.ts';
import { recorderOf } from './track.ts';
import { turningPages } from './turnedPages.ts';

/** The batched reads of one store. */
export function createReads(context: KvetchContext): KvetchReads {
  return new ContextReads(context);
}

/**
 * A class, as each request makes one: V8 keeps the closure of an object literal's getter until the next collection
 * of the old generation, and with it all reads of the request.
 */
class ContextReads implements KvetchReads {
  readonly #context: KvetchContext;

  constructor(context: KvetchContext) {
    this.#context = context;
  }

  get answersAtOnce(): boolean {
    return this.#context.sharing === null && this.#context.shards.answerAtOnce;
  }

  get isRecorded(): boolean {
    return recorderOf(this.#context, undefined) !== null;
  }

  objects(ids: readonly unknown[], extra?: ReadExtra): Batch<KvetchObject | null> {
    return readObjects(this.#context, ids, extra);
  }

  edges(requests: readonly EdgesRequest[], extra?: ReadExtra): Batch<EdgePage> {
    return chain(this.#context.backfills.ready(), () =>
      turningPages(requests, (some) => readEdges(this.#context, some, extra)),
    );
  }

  edgeObjects(requests: readonly EdgesRequest[], extra?: ReadExtra): Batch<EdgeObjectsPage> {
    return chain(this.#context.backfills.ready(), () =>
      turningPages(requests, (some) => readEdgeObjects(this.#context, some, extra)),
    );
  }

  counts(requests: readonly EdgeCountRequest[], extra?: ReadExtra): Batch<number> {
    return chain(this.#context.backfills.ready(), () => readCounts(this.#context, requests, extra));
  }

  indexCounts(requests: readonly IndexCountRequest[], extra?: ReadExtra): Batch<number> {
    return chain(this.#context.backfills.ready(), () => countValueLists(this.#context, requests, extra));
  }

  has(questions: readonly EdgeQuestion[], extra?: ReadExtra): Batch<boolean> {
    return chain(this.#context.backfills.ready(), () => readHas(this.#context, questions, extra));
  }

  index(requests: readonly IndexRequest[], extra?: ReadExtra): Batch<IndexPage> {
    return chain(this.#context.backfills.ready(), () =>
      turningPages(requests, (some) => readShownIndex(this.#context, some, extra)),
    );
  }

  indexObjects(requests: readonly IndexRequest[], extra?: ReadExtra): Batch<ObjectPage> {
    return chain(this.#context.backfills.ready(), () =>
      turningPages(requests, (some) => readIndexObjects(this.#context, some, extra)),
    );
  }

  browse(requests: readonly BrowsePageRequest[], extra?: ReadExtra): Batch<ObjectPage> {
    return turningPages(requests, (some) => readBrowse(this.#context, some, extra));
  }

  forRequest(): KvetchReads {
    const { scope } = this.#context;
    if (scope === null) return createReads(scoped(this.#context));
    scope.begin();
    return this;
  }
}

/** The same store for one request. */
export function scoped(context: KvetchContext): KvetchContext {
  const { shards, stats, sharing } = context;
  return { ...context, scope: new RequestScope(sharing ?? new Turn(shards, stats), stats) };
}
