import { locatedError } from 'graphql';
import type { DeferredTask, DeliveryGroup, ItemStream, TaskOutcome } from './laterParts.ts';

/** Something that clients are told of. */
export type DeliveryEvent =
  | {
      readonly kind: 'data';
      readonly group: DeliveryGroup;
      readonly task: DeferredTask;
      readonly data: unknown;
      readonly errors: readonly Error[];
    }
  | { readonly kind: 'done'; readonly group: DeliveryGroup }
  | { readonly kind: 'failed'; readonly group: DeliveryGroup; readonly error: unknown }
  | {
      readonly kind: 'items';
      readonly stream: ItemStream;
      readonly index: number;
      readonly items: readonly unknown[];
      readonly errors: readonly Error[];
    }
  | { readonly kind: 'stream done'; readonly stream: ItemStream }
  | { readonly kind: 'stream failed'; readonly stream: ItemStream; readonly error: unknown }
  | { readonly kind: 'pending'; readonly groups: readonly DeliveryGroup[]; readonly streams: readonly ItemStream[] };

/** What a part of a response leaves to be delivered after it. */
export interface Work {
  readonly groups: readonly DeliveryGroup[];
  readonly tasks: readonly DeferredTask[];
  readonly streams: readonly ItemStream[];
}

/**
 * Knows which deferred fragments and streams are pending, and what follows from one of them being done or failing
 * (8.4). A fragment is pending once what it lies in was delivered; it is done when all of its tasks are.
 */
export class DeliveryQueue {
  readonly groups: Set<DeliveryGroup> = new Set();
  readonly streams: Set<ItemStream> = new Set();
  /** What clients have not been told yet. */
  events: DeliveryEvent[] = [];
  /** Tasks of pending fragments that nobody has begun. */
  waiting: DeferredTask[] = [];

  get isEmpty(): boolean {
    return this.groups.size === 0 && this.streams.size === 0;
  }

  /** Takes in what something left that was delivered: the initial response, or an item of a stream. */
  add(work: Work): void {
    const begun = this.#addGroups(work.groups);
    for (const task of work.tasks) this.#addTask(task);
    this.#announce(pruned(begun), work.streams);
  }

  /** A task was written; `work` is what it left. */
  finish(task: DeferredTask, outcome: TaskOutcome, work: Work): void {
    task.outcome = outcome;
    if (outcome.kind === 'failed') return this.#fail(task, outcome.error);
    this.#addGroups(work.groups);
    for (const inner of work.tasks) this.#addTask(inner);
    task.streams.push(...work.streams);
    for (const group of task.groups) {
      if (!group.isOpen) continue;
      group.pending--;
      this.#finishIfDone(group);
    }
  }

  /** Nothing that is pending can be delivered. */
  failGroups(error: unknown): void {
    for (const group of this.groups) this.#failGroup(group, locatedError(error, undefined, [...group.path]));
  }

  endStream(stream: ItemStream, event: DeliveryEvent): void {
    if (this.streams.delete(stream)) this.events.push(event);
  }

  /** Those without a parent; the others wait for theirs. */
  #addGroups(groups: readonly DeliveryGroup[]): DeliveryGroup[] {
    const given = new Set(groups);
    const outermost: DeliveryGroup[] = [];
    const add = (group: DeliveryGroup): void => {
      if (!given.delete(group)) return;
      const { parent } = group;
      if (parent === null) outermost.push(group);
      else {
        add(parent);
        // What it lies in failed.
        if (!parent.isOpen) return;
        parent.children.push(group);
      }
      group.isOpen = true;
    };
    for (const group of groups) add(group);
    return outermost;
  }

  #addTask(task: DeferredTask): void {
    for (const group of task.groups) {
      if (!group.isOpen) continue;
      group.tasks.add(task);
      group.pending++;
      if (this.groups.has(group)) this.#start(task);
    }
  }

  #start(task: DeferredTask): void {
    if (task.isStarted) return;
    task.isStarted = true;
    this.waiting.push(task);
  }

  #announce(groups: readonly DeliveryGroup[], streams: readonly ItemStream[]): void {
    if (groups.length === 0 && streams.length === 0) return;
    this.events.push({ kind: 'pending', groups, streams });
    for (const group of groups) this.groups.add(group);
    for (const stream of streams) this.streams.add(stream);
    for (const group of groups) {
      for (const task of group.tasks) this.#start(task);
      this.#finishIfDone(group);
    }
  }

  #finishIfDone(group: DeliveryGroup): void {
    if (!this.groups.has(group)) return;
    for (const { outcome } of group.tasks) {
      if (outcome?.kind === 'failed') return this.#failGroup(group, outcome.error);
    }
    if (group.pending > 0) return;
    const streams: ItemStream[] = [];
    for (const task of [...group.tasks]) {
      if (task.outcome?.kind !== 'data') continue;
      const { data, errors } = task.outcome;
      this.events.push({ kind: 'data', group, task, data, errors });
      streams.push(...task.streams);
      // What several fragments share is delivered with the first of them.
      for (const other of task.groups) other.tasks.delete(task);
    }
    this.#close(group);
    this.events.push({ kind: 'done', group });
    this.#announce(pruned(group.children), streams);
  }

  #fail(task: DeferredTask, error: unknown): void {
    for (const group of task.groups) if (this.groups.has(group)) this.#failGroup(group, error);
  }

  #failGroup(group: DeliveryGroup, error: unknown): void {
    this.#remove(group);
    this.events.push({ kind: 'failed', group, error });
  }

  /** With a fragment goes what lies in it. */
  #remove(group: DeliveryGroup): void {
    this.#close(group);
    for (const task of group.tasks) {
      if (task.groups.every(({ isOpen }) => !isOpen)) for (const stream of task.streams) stream.reader.close();
    }
    for (const child of group.children) if (child.isOpen) this.#remove(child);
  }

  #close(group: DeliveryGroup): void {
    group.isOpen = false;
    this.groups.delete(group);
  }
}

/** Fragments that deliver nothing themselves are not told of: what lies in them takes their place. */
function pruned(groups: readonly DeliveryGroup[]): DeliveryGroup[] {
  return groups.flatMap((group) => {
    if (!group.isOpen) return [];
    if (group.tasks.size > 0) return [group];
    group.isOpen = false;
    return pruned(group.children);
  });
}
