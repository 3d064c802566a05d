import type { Range } from '../../src/kvetch/codec/orderKey.ts';
import type { EdgeObjectsPage, KvetchReads, ObjectPage, ReadExtra } from '../../src/kvetch/reads/KvetchReads.ts';
import type { Batch } from '../../src/kvetch/shards/ShardStore.ts';
import type { ExecuteExtra } from '../../src/step/ExecuteExtra.ts';
import type { ParamShape } from '../../src/step/paramShapes.ts';
import type { RecordDependencies } from '../../src/utils/RecordDependencies.ts';

/** Which lists: those over an edge, under a value of an index, or of all objects of a type. */
export interface ListSource {
  readonly kind: 'edge' | 'index' | 'browse';
  /** The edge, the index or the type. Null: each part says its own. */
  readonly name: string | number | null;
}

export const listSource: ParamShape = {
  type: 'object',
  properties: { kind: { enum: ['edge', 'index', 'browse'] }, name: { type: ['string', 'integer', 'null'] } },
  required: ['kind', 'name'],
  additionalProperties: false,
};

/** A part of one list: `of` is the source of an edge or the value of an index. */
export interface ListPart {
  readonly of: unknown;
  readonly first: number;
  readonly after: string;
  /** See `ListArgs`. */
  readonly reverse?: boolean;
  readonly before?: string | null;
  readonly range?: Range | undefined;
  /** The edge or the index, where the source has none. */
  readonly name?: string | undefined;
}

/** Reads parts of lists with their objects, all in one call. */
export function readLists(
  reads: KvetchReads,
  { kind, name }: ListSource,
  parts: readonly ListPart[],
  extra: ExecuteExtra,
): Batch<EdgeObjectsPage | ObjectPage> {
  switch (kind) {
    case 'edge':
      return reads.edgeObjects(
        parts.map(({ of, name: own = '', ...page }) => ({ ...page, edge: name ?? own, fromId: of as string })),
        new CallExtra(extra),
      );
    case 'index':
      return reads.indexObjects(
        parts.map(({ of, name: own = '', ...page }) => ({ ...page, index: name ?? own, value: of })),
        new CallExtra(extra),
      );
    case 'browse':
      return reads.browse(
        parts.map(({ first, after, reverse, before }) => ({ first, after, reverse, before, type: name ?? '' })),
        new CallExtra(extra),
      );
  }
}

/** The facts of a call of `execute` for the reads that it makes. */
export class CallExtra implements ReadExtra {
  readonly trace: ExecuteExtra['trace'];
  readonly recordsDependencies: boolean;
  readonly recordDependencies: RecordDependencies;
  readonly #extra: ExecuteExtra;

  constructor(extra: ExecuteExtra) {
    this.trace = extra.trace;
    this.recordsDependencies = extra.recordsDependencies;
    this.recordDependencies = (prefix, names) => extra.recordDependencies(prefix, names);
    this.#extra = extra;
  }

  get isOver(): boolean {
    return this.#extra.isOver;
  }
}
