import type { Variables } from '../document.ts';
import type { Outcome } from '../OfflinePlug.ts';
import type { Optimism } from '../Optimism.ts';
import type { Layer } from '../Store.ts';
import type { QueuedMutation } from './QueuedMutation.ts';

/** A mutation that this page knows of. */
export interface Waiting {
  readonly name: string;
  mutation: QueuedMutation;
  readonly optimism: Optimism | null;
  show: Layer['run'];
  isStored: boolean;
  /** Ends when it has been stored, or could not be. */
  storing: Promise<void>;
  /** It was stored, and is not any more. */
  isGone: boolean;
  /** How often the server has failed to run it. */
  failures: number;
  /** The page that made it waits for it; null: it was made before a reload, or by another page. */
  readonly caller: { resolve(result: Outcome): void; reject(error: unknown): void } | null;
}

/** Optimistic changes of a mutation that is about to wait. */
export interface Shown {
  readonly optimism: Optimism;
  readonly run: Layer['run'];
  own: Waiting | null;
}

/** What a page tells the others: the answer to a mutation; null: why there is none. */
export interface Told {
  readonly name: string;
  readonly result: Outcome | null;
  readonly why: string;
}

export function byName(a: Waiting, b: Waiting): number {
  return a.name < b.name ? -1 : 1;
}

/** What users of the queue see of a mutation. */
export function shownOf({ key, at, document, variables }: QueuedMutation): {
  readonly key: string;
  readonly at: number;
  readonly operationName: string | undefined;
  readonly variables: Variables;
} {
  const operation = document.definitions.find(({ kind }) => kind === 'OperationDefinition');
  return { key, at, operationName: operation?.name?.value, variables };
}
