import type { GraphQLError } from 'graphql';
import { mustGet } from '../../utils/mustGet.ts';
import type { DeliveryEvent } from './DeliveryQueue.ts';
import type { DeliveryGroup, ItemStream, ResponsePath } from './laterParts.ts';

/** The first part of a response of several. */
export interface InitialPayload {
  /** The errors of this part. */
  readonly errors?: readonly GraphQLError[];
  /** The data of this part. */
  readonly data: Record<string, unknown>;
  /** What later parts will bring. */
  readonly pending?: readonly PendingEntry[];
  /** Later parts follow. */
  readonly hasNext: true;
}

/** A later payload: new pending parts, delivered data, completed parts. */
export interface SubsequentPayload {
  /** What further parts will bring, that no part before announced. */
  readonly pending?: readonly PendingEntry[];
  /** The data that came. */
  readonly incremental?: readonly IncrementalEntry[];
  /** The announced things that are complete, or have failed. */
  readonly completed?: readonly CompletedEntry[];
  /** Whether a part follows. */
  readonly hasNext: boolean;
}

export interface PendingEntry {
  readonly id: string;
  readonly path: ResponsePath;
  readonly label?: string;
}

/**
 * Data of a deferred fragment, or items of a list. The current format has `id` and `subPath`; that of 2022 has `path` and
 * `label`.
 */
export interface IncrementalEntry {
  readonly id?: string;
  readonly subPath?: ResponsePath;
  readonly path?: ResponsePath;
  readonly label?: string;
  readonly data?: unknown;
  readonly items?: readonly unknown[] | null;
  readonly errors?: readonly GraphQLError[];
}

export interface CompletedEntry {
  readonly id: string;
  readonly errors?: readonly GraphQLError[];
}

/** `current` is the format of graphql-js 17. `2022` has paths and labels instead of ids. */
export type IncrementalFormatName = 'current' | '2022';

/** Encodes the events of one response as payloads. */
export interface IncrementalFormat {
  /** The pending entries of the initial payload. */
  begin(events: readonly DeliveryEvent[]): { readonly pending?: readonly PendingEntry[] };
  payload(events: readonly DeliveryEvent[], hasNext: boolean): SubsequentPayload;
}

export const incrementalFormats: Readonly<Record<IncrementalFormatName, () => IncrementalFormat>> = {
  current: currentFormat,
  '2022': formatOf2022,
};

type DataEvent = Extract<DeliveryEvent, { readonly kind: 'data' }>;

function currentFormat(): IncrementalFormat {
  const ids = new Map<DeliveryGroup | ItemStream, string>();
  let next = 0;
  const pendingEntry = (of: DeliveryGroup | ItemStream, label: string | null): PendingEntry => {
    const id = String(next++);
    ids.set(of, id);
    return { id, path: of.path, ...(label === null ? null : { label }) };
  };
  const payload = (events: readonly DeliveryEvent[]): Omit<SubsequentPayload, 'hasNext'> => {
    const pending: PendingEntry[] = [];
    const incremental: IncrementalEntry[] = [];
    const completed: CompletedEntry[] = [];
    const complete = (of: DeliveryGroup | ItemStream, error: GraphQLError | null): void => {
      const id = mustGet(ids, of);
      completed.push(error === null ? { id } : { id, errors: [error] });
      ids.delete(of);
    };
    for (const event of events) {
      switch (event.kind) {
        case 'pending':
          for (const group of event.groups) pending.push(pendingEntry(group, group.label));
          for (const stream of event.streams) pending.push(pendingEntry(stream, stream.site.label));
          break;
        case 'data':
          incremental.push(dataEntry(event, ids));
          break;
        case 'items': {
          const { stream, items, errors } = event;
          incremental.push({ id: mustGet(ids, stream), items, ...withErrors(errors) });
          break;
        }
        case 'done':
          complete(event.group, null);
          break;
        case 'stream done':
          complete(event.stream, null);
          break;
        case 'failed':
          complete(event.group, event.error as GraphQLError);
          break;
        case 'stream failed':
          complete(event.stream, event.error as GraphQLError);
          break;
      }
    }
    return {
      ...(pending.length === 0 ? null : { pending }),
      ...(incremental.length === 0 ? null : { incremental }),
      ...(completed.length === 0 ? null : { completed }),
    };
  };
  return {
    begin: (events) => ({ pending: payload(events).pending ?? [] }),
    payload: (events, hasNext) => ({ hasNext, ...payload(events) }),
  };
}

/** Assigns the data to the nearest of its pending fragments: the one with the longest path. */
function dataEntry({ group, task, data, errors }: DataEvent, ids: ReadonlyMap<object, string>): IncrementalEntry {
  let best = group;
  for (const other of task.groups) if (ids.has(other) && other.path.length > best.path.length) best = other;
  const subPath = task.path.slice(best.path.length);
  return {
    id: mustGet(ids, best),
    data,
    ...withErrors(errors),
    ...(subPath.length === 0 ? null : { subPath }),
  };
}

function withErrors(errors: readonly unknown[]): { readonly errors?: readonly GraphQLError[] } | null {
  return errors.length === 0 ? null : { errors: errors as readonly GraphQLError[] };
}

function formatOf2022(): IncrementalFormat {
  const entry = (label: string | null, rest: IncrementalEntry): IncrementalEntry =>
    label === null ? rest : { ...rest, label };
  const toEntries = (event: DeliveryEvent): IncrementalEntry[] => {
    switch (event.kind) {
      case 'data': {
        const { data, errors } = event;
        return [entry(event.group.label, { data, path: event.task.path, ...withErrors(errors) })];
      }
      case 'items': {
        const { stream, index, items, errors } = event;
        return [entry(stream.site.label, { items, path: [...stream.path, index], ...withErrors(errors) })];
      }
      case 'failed':
        return [entry(event.group.label, { data: null, path: event.group.path, ...withErrors([event.error]) })];
      case 'stream failed':
        return [entry(event.stream.site.label, { items: null, path: event.stream.path, ...withErrors([event.error]) })];
      default:
        return [];
    }
  };
  return {
    begin: () => ({}),
    payload(events, hasNext) {
      const incremental = events.flatMap(toEntries);
      return { hasNext, ...(incremental.length === 0 ? null : { incremental }) };
    },
  };
}
