import type { FieldPlace, OutputState } from '../output/OutputState.ts';
import type { Complete } from '../output/OutputWriter.ts';
import type { Run } from '../Run.ts';
import { type DeliveredWith, type DeliveryChoice, NOTHING_DEFERRED } from './DeliveryChoice.ts';
import type { ItemReader } from './ItemReader.ts';

export type ResponsePath = readonly (string | number)[];

/** A deferred fragment at one place of the response: what clients are told of as pending. */
export interface DeliveryGroup {
  readonly path: ResponsePath;
  readonly label: string | null;
  /** What must be delivered before it. */
  readonly parent: DeliveryGroup | null;
  readonly children: DeliveryGroup[];
  /** What it consists of. */
  readonly tasks: Set<DeferredTask>;
  /** How many of its tasks are not done. */
  pending: number;
  /** Whether it may still be delivered. */
  isOpen: boolean;
}

/** Fields of one object in the response that are delivered together, as part of one or more deferred fragments. */
export interface DeferredTask {
  readonly groups: readonly DeliveryGroup[];
  readonly run: Run;
  /** The object output, and the places of the fields in its list of fields. */
  readonly object: number;
  readonly fields: readonly number[];
  readonly complete: Complete<OutputState>;
  readonly value: unknown;
  readonly row: number;
  readonly path: ResponsePath;
  readonly context: DeliveryContext;
  readonly streams: ItemStream[];
  isStarted: boolean;
  outcome: TaskOutcome | null;
}

/** What became of a task: data, or the error that bubbled up to it. */
export type TaskOutcome =
  | { readonly kind: 'data'; readonly data: unknown; readonly errors: readonly Error[] }
  | { readonly kind: 'failed'; readonly error: unknown };

/** The later items of a list in the response. */
export interface ItemStream {
  readonly site: StreamSite;
  readonly run: Run;
  /** The row, in the parent of the list's layer, that the list belongs to. */
  readonly parentRow: number;
  readonly reader: ItemReader;
  readonly path: ResponsePath;
  readonly context: DeliveryContext;
}

/** Where the plan has a list that is streamed. */
export interface StreamSite {
  readonly list: number;
  readonly layer: number;
  readonly label: string | null;
  readonly place: FieldPlace;
  /** Writes the item in a row of the layer. */
  readonly complete: Complete<OutputState>;
}

/** What is being written: which deferred fragments it is delivered with, and those around it by their number. */
export interface DeliveryContext extends DeliveredWith {
  readonly groups: ReadonlyMap<number, DeliveryGroup>;
}

export const INITIAL: DeliveryContext = { ...NOTHING_DEFERRED, groups: new Map() };

/** What the later items of a list are delivered with that is part of `context`. */
export function contextOfItems({ groups, passed }: DeliveryContext): DeliveryContext {
  return { ...INITIAL, passed: [...passed, ...groups.keys()].sort((a, b) => a - b) };
}

/** Notes, while a part of a response is written, what is to be delivered after it. */
export class Deliveries {
  readonly choice: DeliveryChoice;
  context: DeliveryContext;
  groups: DeliveryGroup[] = [];
  tasks: DeferredTask[] = [];
  streams: ItemStream[] = [];

  constructor(choice: DeliveryChoice, context: DeliveryContext) {
    this.choice = choice;
    this.context = context;
  }

  /** Takes in what another part of the same response left. */
  take({ groups, tasks, streams }: Deliveries): void {
    this.groups.push(...groups);
    this.tasks.push(...tasks);
    this.streams.push(...streams);
  }

  /** What is below a path became null, or is about to be written once more. */
  drop(path: ResponsePath): void {
    const isOutside = (other: { readonly path: ResponsePath }): boolean => !isBelow(other.path, path);
    for (const stream of this.streams) if (!isOutside(stream)) stream.reader.close();
    this.groups = this.groups.filter(isOutside);
    this.tasks = this.tasks.filter(isOutside);
    this.streams = this.streams.filter(isOutside);
  }
}

function isBelow(path: ResponsePath, top: ResponsePath): boolean {
  return path.length >= top.length && top.every((key, index) => path[index] === key);
}
