import { appendAll } from '../../utils/appendAll.ts';
import { getOrCreate } from '../../utils/getOrCreate.ts';
import { groupBy } from '../../utils/groupBy.ts';
import { isPromiseLike } from '../../utils/isPromiseLike.ts';
import { itemAt } from '../../utils/itemAt.ts';
import { nextTurn } from '../../utils/nextTurn.ts';
import { nodeAt } from '../../utils/nodeAt.ts';
import { rowAt } from '../../utils/rowAt.ts';
import type { Progress } from '../driver/Progress.ts';
import type { Needs } from '../schedule/Scheduler.ts';
import { columnOf } from '../state/rows.ts';
import { isRejected } from '../writer/abortedError.ts';
import type { StreamableList } from '../writer/ResponseState.ts';
import type { DeliveryQueue, Work } from './DeliveryQueue.ts';
import { type IncrementalRun, runOfItems, tasksOf } from './IncrementalRun.ts';
import type { Items } from './ItemReader.ts';
import type { DeferredTask, ItemStream } from './laterParts.ts';
import { mayBeginLater } from './mayBeginLater.ts';
import type { IncrementalFormat, SubsequentPayload } from './responseFormats.ts';
import { ITEMS_AT_ONCE, StreamBuffer } from './StreamBuffer.ts';
import type { LaterItems } from './StreamedLists.ts';
import { listError, type WrittenFragment, writeFragment } from './writeFragment.ts';
import { writeInSeries } from './writeInSeries.ts';

interface Waiter {
  readonly resolve: (result: IteratorResult<SubsequentPayload, void>) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Delivers pending parts as the consumer asks for them. While it does not ask, nothing runs and no list is read (8.5).
 */
export class Delivery {
  readonly #run: IncrementalRun;
  readonly #queue: DeliveryQueue;
  readonly #format: IncrementalFormat;
  readonly #onEnd: () => void;
  /** Nobody need wait for work that is begun. */
  readonly #isEarly: boolean;
  readonly #streams = new Map<ItemStream, StreamBuffer>();
  readonly #waiters: Waiter[] = [];
  #series: Promise<void> = Promise.resolve();
  #isClosed = false;
  /** The number of delivered items that no consumer has asked for. */
  #itemsReady = 0;
  /** Set when the request was aborted: every `next()` rejects with the reason. */
  #rejection: { readonly reason: unknown } | null = null;
  #willFlush = false;
  #willBatch = false;

  constructor(
    run: IncrementalRun,
    queue: DeliveryQueue,
    format: IncrementalFormat,
    { isEarly, onEnd }: { readonly isEarly: boolean; onEnd(): void },
  ) {
    this.#isEarly = isEarly;
    this.#run = run;
    this.#queue = queue;
    this.#format = format;
    const { scope, state } = run.driver;
    const stop = scope.onAbort((error) =>
      isRejected(state.request) ? this.#reject(state.request.abortSignal?.reason) : this.#failStreams(error),
    );
    this.#onEnd = () => {
      stop();
      onEnd();
    };
  }

  /** The later payloads, in order. Closing the generator closes their sources. */
  payloads(): AsyncGenerator<SubsequentPayload, void, void> {
    const close = async (): Promise<IteratorResult<SubsequentPayload, void>> => {
      this.#close();
      return DONE;
    };
    const generator = {
      next: () => this.#next(),
      return: close,
      async throw(error: unknown): Promise<never> {
        await close();
        throw error;
      },
      [Symbol.asyncIterator]: () => generator,
      [Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose')]: close,
    } as AsyncGenerator<SubsequentPayload, void, void>;
    if (this.#isEarly) this.#goOn();
    return generator;
  }

  #next(): Promise<IteratorResult<SubsequentPayload, void>> {
    if (this.#rejection !== null) return Promise.reject(this.#rejection.reason);
    if (this.#isClosed) return Promise.resolve(DONE);
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
      this.#goOn();
    });
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#end(new Error('The consumer of the response closed it.'));
  }

  /** An aborted response must not look complete. */
  #reject(reason: unknown): void {
    if (this.#isClosed) return;
    this.#rejection = { reason };
    for (const { reject } of this.#waiters.splice(0)) reject(reason);
    this.#end();
  }

  /** Ends the delivery and aborts all work that is still under way. */
  #end(reason?: Error): void {
    this.#isClosed = true;
    this.#onEnd();
    for (const { resolve } of this.#waiters.splice(0)) resolve(DONE);
    this.#run.lists.readers.close();
    this.#run.driver.abort(reason);
  }

  /** Whether pending work may start. */
  get #isAwaited(): boolean {
    return this.#isEarly || this.#waiters.length > 0;
  }

  /** Whether lists are read although results are available. */
  get #readsOn(): boolean {
    return this.#isEarly && this.#itemsReady < ITEMS_AT_ONCE;
  }

  /** Starts pending work if a consumer waits, or if parts start early. */
  #goOn(): void {
    if (this.#isClosed || !this.#isAwaited) return;
    this.#guarded(() => {
      this.#runTasks();
      // Available results are delivered before more is read.
      if (this.#queue.events.length === 0 || this.#readsOn) this.#readStreams();
    });
    this.#flushSoon();
  }

  /** Results of one turn share a payload. */
  #flushSoon(): void {
    if (this.#willFlush) return;
    this.#willFlush = true;
    queueMicrotask(() => {
      this.#willFlush = false;
      this.#flush();
    });
  }

  #flush(): void {
    const queue = this.#queue;
    if (this.#isClosed || this.#waiters.length === 0) return;
    if (queue.events.length === 0 && !queue.isEmpty) return;
    const events = queue.events;
    queue.events = [];
    this.#itemsReady = 0;
    const value = this.#format.payload(events, !queue.isEmpty);
    this.#waiters.shift()?.resolve({ value, done: false });
    if (queue.isEmpty) this.#end();
    else this.#goOn();
  }

  /** Runs the same deferred fields of all objects of the response together. */
  #runTasks(): void {
    const wanted = this.#queue.waiting.splice(0).filter(isWanted);
    for (const task of wanted) if (task.inSeries !== null) this.#runSeries(task, task.inSeries);
    const open = wanted.filter(({ inSeries }) => inSeries === null);
    for (const [run, tasks] of groupBy(open, (task) => task.run)) {
      const parts = [...groupBy(tasks, ({ object, context }) => `${object}|${context.set}|${context.passed}`).values()];
      const going = run.driver.need(parts.map(([first]) => needsOf(first as DeferredTask)));
      parts.forEach((part, index) => {
        const progress = itemAt(going, index);
        this.#whenThere(progress.drive(), () => {
          for (const task of part) this.#writeTask(task, progress);
        });
      });
    }
  }

  /** Deferred fields of a mutation run after those that were started earlier. */
  #runSeries(task: DeferredTask, completeField: NonNullable<DeferredTask['inSeries']>): void {
    this.#series = this.#series.then(async () => {
      if (!isWanted(task)) return;
      const written = await writeInSeries(task, completeField);
      this.#guarded(() => this.#finishTask(task, written));
    });
  }

  #writeTask(task: DeferredTask, progress: Progress): void {
    const finish = (written: WrittenFragment): void => this.#finishTask(task, written);
    const written = writeFragment({ ...task, progress });
    if (isPromiseLike(written)) this.#whenThere(Promise.resolve(written), finish);
    else finish(written);
  }

  #finishTask(task: DeferredTask, { outcome, work }: WrittenFragment): void {
    this.#queue.finish(task, outcome, work);
    this.#flushSoon();
    this.#goOn();
  }

  /** Continues when a promise is fulfilled. The promise never rejects. */
  #whenThere<T>(promise: Promise<T> | null | undefined, task: (value: T) => void): void {
    if (promise == null) return task(undefined as T);
    promise.then((value) => this.#guarded(() => task(value)));
  }

  /** A defect of planql must not leave the consumer waiting. */
  #guarded(task: () => void): void {
    try {
      task();
    } catch (error) {
      this.#queue.failGroups(error);
      this.#failStreams(error);
    }
  }

  #bufferOf(stream: ItemStream): StreamBuffer {
    return getOrCreate(this.#streams, stream, () => new StreamBuffer(stream.reader.index, () => this.#writeSoon()));
  }

  #readStreams(): void {
    // Lists may be found after the abort.
    const { aborted } = this.#run.driver.state;
    if (aborted !== null) return this.#failStreams(aborted.error);
    const read: StreamBuffer[] = [];
    for (const stream of this.#queue.streams) {
      const buffer = this.#bufferOf(stream);
      if (buffer.isReading || buffer.end !== null || buffer.room <= 0) continue;
      if (stream.reader.isAsync) this.#readAsync(stream, buffer);
      else if (!buffer.isWriting) {
        read.push(buffer);
        try {
          buffer.add(stream.reader.read(buffer.room) as Items);
        } catch (failure) {
          buffer.end = { failure };
        }
      }
    }
    if (read.length === 0) return;
    // Promises that have settled already are executed with their values.
    if (read.every(({ isSettled }) => isSettled)) this.#writeItems();
    else this.#writeSoon();
  }

  #readAsync(stream: ItemStream, buffer: StreamBuffer): void {
    buffer.isReading = true;
    const goOn = (): void => {
      buffer.isReading = false;
      if (this.#isClosed) return;
      this.#writeSoon();
      if (this.#waiters.length > 0 || this.#readsOn) this.#guarded(() => this.#readStreams());
    };
    const fail = (failure: unknown): void => {
      buffer.end = { failure };
      goOn();
    };
    Promise.resolve(stream.reader.read(1)).then((items) => {
      buffer.add(items);
      goOn();
    }, fail);
  }

  /** Items of all lists that arrive in one turn are executed together. */
  #writeSoon(): void {
    if (this.#willBatch || this.#isClosed) return;
    this.#willBatch = true;
    nextTurn(() => {
      this.#willBatch = false;
      this.#guarded(() => this.#writeItems());
    });
  }

  #writeItems(): void {
    const ready: ItemStream[] = [];
    for (const stream of this.#queue.streams) {
      const buffer = this.#bufferOf(stream);
      if (buffer.isWriting) continue;
      if (buffer.isEmpty) this.#endIfOver(stream, buffer);
      else if (buffer.isReady) {
        // At once: writing may lead here again.
        buffer.isWriting = true;
        ready.push(stream);
      }
    }
    for (const [run, streams] of groupBy(ready, (stream) => stream.run)) {
      for (const [site, batch] of groupBy(streams, (stream) => stream.site)) {
        for (const alike of groupBy(batch, ({ context }) => `${context.passed}`).values()) {
          this.#writeBatch(run, site, alike);
        }
      }
    }
    this.#flushSoon();
  }

  /** Runs the steps of a list's items for all buffered items. The contexts of the streams are equal. */
  #writeBatch(outer: IncrementalRun, site: StreamableList, streams: readonly ItemStream[]): void {
    const items: unknown[] = [];
    const parentRows: number[] = [];
    const indexes: number[] = [];
    const paths: (string | number)[][] = [];
    for (const stream of streams) {
      const buffer = this.#bufferOf(stream);
      for (const item of buffer.takeReady()) {
        items.push(item);
        parentRows.push(stream.parentRow);
        paths.push([...stream.path, buffer.index]);
        indexes.push(buffer.index++);
      }
    }
    const { layer, list, complete } = site;
    const { context } = nodeAt(streams, 0);
    const later: LaterItems = {
      layer,
      items,
      parentRows: Int32Array.from(parentRows),
      indexes: Int32Array.from(indexes),
    };
    const run = runOfItems(outer, later);
    const { linked, state: rows } = run.driver;
    const needs: Needs = () => tasksOf(linked, run.partitioner, { object: -1, fields: null, items: list }, context);
    const progress = itemAt(run.driver.need([needs]), 0);
    const write = (): void => {
      const values = columnOf(rows, nodeAt(linked.plan.layers, layer).entry);
      const written = paths.map((path, row) =>
        writeFragment({ run, progress, path, context, complete, value: values[row], row }),
      );
      const finish = (parts: readonly WrittenFragment[]): void => this.#finishBatch(run, later, streams, parts);
      if (written.some(isPromiseLike)) this.#whenThere(Promise.all(written), finish);
      else finish(written as WrittenFragment[]);
    };
    this.#whenThere(progress.drive(), write);
  }

  /** The items of each stream are consecutive, up to the stream's current index. */
  #finishBatch(
    run: IncrementalRun,
    { indexes }: LaterItems,
    streams: readonly ItemStream[],
    parts: readonly WrittenFragment[],
  ): void {
    let row = 0;
    for (const stream of streams) {
      const buffer = this.#bufferOf(stream);
      const index = rowAt(indexes, row);
      const count = buffer.index - index;
      buffer.isWriting = false;
      this.#deliverItems(stream, buffer, index, parts.slice(row, row + count));
      row += count;
    }
    // Items that arrived meanwhile may be the last of their list.
    if (streams.some((stream) => this.#bufferOf(stream).isReady)) this.#writeSoon();
    if (!mayBeginLater(run.driver.plan)) run.lists.closeRests();
    if (parts.every(({ work }) => work.tasks.length === 0 && work.streams.length === 0)) run.detach();
    this.#flushSoon();
    this.#goOn();
  }

  #deliverItems(stream: ItemStream, buffer: StreamBuffer, index: number, parts: readonly WrittenFragment[]): void {
    const queue = this.#queue;
    if (!queue.streams.has(stream)) return;
    const items: unknown[] = [];
    const errors: Error[] = [];
    const works: Work[] = [];
    let failure: { readonly error: unknown } | null = null;
    for (const { outcome, work } of parts) {
      if (outcome.kind === 'failed') {
        failure = outcome;
        break;
      }
      items.push(outcome.data);
      appendAll(errors, outcome.errors);
      works.push(work);
    }
    this.#itemsReady += items.length;
    if (items.length > 0) queue.events.push({ kind: 'items', stream, index, items, errors });
    for (const work of works) queue.add(work);
    if (failure !== null) {
      stream.reader.abandon();
      queue.endStream(stream, { kind: 'stream failed', stream, error: failure.error });
    } else if (buffer.isEmpty) this.#endIfOver(stream, buffer);
  }

  #endIfOver(stream: ItemStream, { end }: StreamBuffer): void {
    if (end === null) return;
    stream.reader.close();
    if (end === 'done') return this.#queue.endStream(stream, { kind: 'stream done', stream });
    const error = listError(stream.run, stream.site.place, stream.path, end.failure);
    this.#queue.endStream(stream, { kind: 'stream failed', stream, error });
  }

  #failStreams(error: unknown): void {
    for (const stream of this.#queue.streams) {
      const buffer = this.#bufferOf(stream);
      buffer.fail(error);
      this.#endIfOver(stream, buffer);
    }
    this.#flushSoon();
  }
}

const DONE: IteratorResult<SubsequentPayload, void> = { value: undefined, done: true };

/** Whether it may still be delivered. */
function isWanted({ groups }: DeferredTask): boolean {
  return groups.some(({ isOpen }) => isOpen);
}

function needsOf({ run, object, fields, context }: DeferredTask): Needs {
  return () => tasksOf(run.driver.linked, run.partitioner, { object, fields, items: -1 }, context);
}
