import type { Complete, StreamableList } from '../writer/ResponseState.ts';
import { type DeliveredWith, NOTHING_DEFERRED } from './DeferPartitioner.ts';
import type { IncrementalRun } from './IncrementalRun.ts';
import type { ItemReader } from './ItemReader.ts';

export type ResponsePath = readonly (string | number)[];

/** A deferred fragment at one path of the response. Payloads report it as pending. */
export interface DeliveryGroup {
  readonly path: ResponsePath;
  readonly label: string | null;
  /** The group that must be delivered before it. */
  readonly parent: DeliveryGroup | null;
  readonly children: DeliveryGroup[];
  /** Its tasks that have not been delivered. */
  readonly tasks: Set<DeferredTask>;
  /** The number of its tasks that are not done. */
  pending: number;
  /** Whether it may still be delivered. */
  isOpen: boolean;
}

/** Fields of one object in the response that are delivered together, as part of one or more deferred fragments. */
export interface DeferredTask {
  readonly groups: readonly DeliveryGroup[];
  readonly run: IncrementalRun;
  /** The object output, and the indexes of the fields in its list of fields. */
  readonly object: number;
  readonly fields: readonly number[];
  readonly complete: Complete;
  /** For root fields of a mutation, which run one after another: completes one of them. Null for all other fields. */
  readonly inSeries: ((field: number) => Complete) | null;
  readonly value: unknown;
  readonly row: number;
  readonly path: ResponsePath;
  readonly context: DeliveryContext;
  readonly streams: ItemStream[];
  isStarted: boolean;
  outcome: TaskOutcome | null;
}

/** How a task ended: with data, or with the error that bubbled up to it. */
export type TaskOutcome =
  | { readonly kind: 'data'; readonly data: unknown; readonly errors: readonly Error[] }
  | { readonly kind: 'failed'; readonly error: unknown };

/** The later items of a list in the response. */
export interface ItemStream {
  readonly site: StreamableList;
  readonly run: IncrementalRun;
  /** The row, in the parent of the list's layer, that the list belongs to. */
  readonly parentRow: number;
  readonly reader: ItemReader;
  readonly path: ResponsePath;
  readonly context: DeliveryContext;
}

/** The deferred fragments of the part that is being written, and all fragments around it by their number. */
export interface DeliveryContext extends DeliveredWith {
  readonly groups: ReadonlyMap<number, DeliveryGroup>;
}

export const INITIAL: DeliveryContext = { ...NOTHING_DEFERRED, groups: new Map() };

/** The context of the later items of a list that is part of `context`. */
export function contextOfItems({ groups, passed }: DeliveryContext): DeliveryContext {
  return { ...INITIAL, passed: [...passed, ...groups.keys()].sort((a, b) => a - b) };
}
