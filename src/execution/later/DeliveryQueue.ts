import { locatedError } from 'graphql';
import { appendAll } from '../../utils/appendAll.ts';
import type { DeferredTask, DeliveryGroup, ItemStream, TaskOutcome } from './laterParts.ts';

/** An event that a payload reports. */
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

/** The parts that are delivered after a part of a response. */
export interface Work {
  readonly groups: readonly DeliveryGroup[];
  readonly tasks: readonly DeferredTask[];
  readonly streams: readonly ItemStream[];
}

/**
 * Tracks pending deferred fragments and streams, and the consequences when one of them is done or fails (8.4). A fragment
 * becomes pending when the part around it is delivered. It is done when all of its tasks are.
 */
export class DeliveryQueue {
  readonly groups: Set<DeliveryGroup> = new Set();
  readonly streams: Set<ItemStream> = new Set();
  /** Events that no payload has reported yet. */
  events: DeliveryEvent[] = [];
  /** Tasks of pending fragments that have not started. */
  waiting: DeferredTask[] = [];

  get isEmpty(): boolean {
    return this.groups.size === 0 && this.streams.size === 0;
  }

  /** Adds the work that a delivered part left: the initial response, or an item of a stream. */
  add(work: Work): void {
    const begun = this.#addGroups(work.groups);
    for (const task of work.tasks) this.#addTask(task);
    this.#announce(pruned(begun), work.streams);
  }

  /** A task was written and left `work`. */
  finish(task: DeferredTask, outcome: TaskOutcome, work: Work): void {
    task.outcome = outcome;
    if (outcome.kind === 'failed') return this.#fail(task, outcome.error);
    this.#addGroups(work.groups);
    for (const inner of work.tasks) this.#addTask(inner);
    appendAll(task.streams, work.streams);
    for (const group of task.groups) {
      if (!group.isOpen) continue;
      group.pending--;
      this.#finishIfDone(group);
    }
  }

  /** Fails all pending fragments. */
  failGroups(error: unknown): void {
    for (const group of this.groups) this.#failGroup(group, locatedError(error, undefined, [...group.path]));
  }

  endStream(stream: ItemStream, event: DeliveryEvent): void {
    if (this.streams.delete(stream)) this.events.push(event);
  }

  /** Returns the groups without a parent; the others wait for their parents. */
  #addGroups(groups: readonly DeliveryGroup[]): DeliveryGroup[] {
    const given = new Set(groups);
    const outermost: DeliveryGroup[] = [];
    const add = (group: DeliveryGroup): void => {
      if (!given.delete(group)) return;
      const { parent } = group;
      if (parent === null) outermost.push(group);
      else {
        add(parent);
        // The parent failed.
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
      appendAll(streams, task.streams);
      // Data that several fragments share is delivered with the first of them.
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

  /** Removes a fragment with all fragments inside it. */
  #remove(group: DeliveryGroup): void {
    this.#close(group);
    for (const task of group.tasks) {
      if (task.groups.every(({ isOpen }) => !isOpen)) for (const stream of task.streams) stream.reader.abandon();
    }
    for (const child of group.children) if (child.isOpen) this.#remove(child);
  }

  #close(group: DeliveryGroup): void {
    group.isOpen = false;
    this.groups.delete(group);
  }
}

/** Replaces fragments that deliver nothing themselves by the fragments inside them. */
function pruned(groups: readonly DeliveryGroup[]): DeliveryGroup[] {
  return groups.flatMap((group) => {
    if (!group.isOpen) return [];
    if (group.tasks.size > 0) return [group];
    group.isOpen = false;
    return pruned(group.children);
  });
}
