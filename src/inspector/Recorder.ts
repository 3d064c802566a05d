import { AsyncLocalStorage } from 'node:async_hooks';
import { type DocumentNode, getOperationAST, type OperationDefinitionNode } from 'graphql';
import { errorOf } from '../errors/errorOf.ts';
import { aroundBoth, observedByBoth } from '../telemetry/beside.ts';
import { documentChannel, type OperationMessage, operationChannel } from '../telemetry/channels.ts';
import {
  type DependencyMessage,
  dependencyChannel,
  invalidationChannel,
  propagationChannel,
  reactiveChannel,
} from '../telemetry/reactiveChannels.ts';
import type { Traced } from '../telemetry/traceable.ts';
import { appendAll } from '../utils/appendAll.ts';
import { emitWarning } from '../utils/emitWarning.ts';
import { WIRE_KEY_CHARS } from '../utils/wireKeys.ts';
import type { ChangeLog } from './ChangeLog.ts';
import { cut } from './cut.ts';
import { OperationNote, type ReadTimes } from './OperationNote.ts';
import type { Ring } from './Ring.ts';
import type { OperationCause, RecordedDependencies } from './records.ts';

/** The records of one cause: a request with dependencies and the operations that it runs, or one mutation. */
interface Scope {
  readonly cause: OperationCause;
  /** Changes up to this batch are no cause. */
  readonly after: number;
  readonly notes: OperationNote[];
  /** The operation that runs now, where there is one. */
  running: { readonly id: string; readonly name: string } | null;
  dependencies: RecordedDependencies | null;
  /** The batch of changes that its data shows, of those that are remembered. */
  causes: readonly string[];
  /** The batches that it has made. */
  readonly made: string[];
}

export interface RecorderOptions {
  /** Operations of this engine are recorded. */
  readonly engine: object;
  readonly operations: Ring<OperationNote>;
  /** Null: there is no reactive layer. */
  readonly changes: ChangeLog | null;
  readonly showsVariables: boolean;
}

/** Listens on the channels of telemetry, and notes the messages. */
export class Recorder {
  readonly #options: RecorderOptions;
  readonly #scopes = new AsyncLocalStorage<Scope>();
  /** How long documents took that were read and not run yet. */
  readonly #read = new WeakMap<object, ReadTimes>();
  readonly #stops: (() => void)[];
  #last = 0;
  /** How many operations there were. */
  count = 0;

  constructor(options: RecorderOptions) {
    this.#options = options;
    const { engine, changes } = options;
    this.#stops = [
      documentChannel.listen(({ engine: of, document, parseMs, validateMs }) => {
        if (of === engine && document !== null) this.#read.set(document, { parseMs, validateMs });
      }),
      operationChannel.listen((message) => (message.engine === engine ? this.#operation(message) : ignored)),
    ];
    if (changes !== null) appendAll(this.#stops, this.#reactive(changes));
  }

  /** Runs something whose operations are replays. */
  replay<T>(run: () => T): T {
    return this.#scopes.run(newScope('replay'), run);
  }

  stop(): void {
    for (const stop of this.#stops) stop();
  }

  #operation(message: Traced<OperationMessage>): () => void {
    const { operations, showsVariables } = this.#options;
    const scope = this.#scopeOf(message);
    const note = new OperationNote(++this.#last, scope?.cause ?? 'request', message.kind, this.#readOf(message));
    message.observer = observedByBoth(message.observer, note.calls);
    if (scope !== null) scope.running = { id: note.id, name: operationOf(message)?.name?.value ?? '' };
    return () => {
      this.count++;
      try {
        note.end(message, showsVariables);
      } catch (error) {
        // Variables with getters, errors that are no errors: the request must not hear of it.
        emitWarning(errorOf(error));
        return;
      }
      if (scope !== null) {
        scope.notes.push(note);
        note.addChanges(scope.made);
      }
      operations.add(note);
    };
  }

  #readOf({ document }: OperationMessage): ReadTimes | null {
    const read = this.#read.get(document);
    if (read === undefined) return null;
    this.#read.delete(document);
    return read;
  }

  /** A mutation gets a scope of its own, if it has none: its invalidations are known to be its work. */
  #scopeOf(message: Traced<OperationMessage>): Scope | null {
    const { changes } = this.#options;
    const outer = this.#scopes.getStore();
    if (outer !== undefined || changes === null) return outer ?? null;
    if (operationOf(message)?.operation !== 'mutation') return null;
    const scope = newScope('request');
    message.around = aroundBoth(message.around, (_step, call) => this.#scopes.run(scope, call));
    return scope;
  }

  #reactive(changes: ChangeLog): readonly (() => void)[] {
    const { versions } = changes;
    return [
      reactiveChannel.bind(this.#scopes, ({ kind, after }) => {
        return this.#scopes.getStore() ?? newScope(kind === 'refetch' || kind === 'live' ? kind : 'request', after);
      }),
      reactiveChannel.listen(() => {
        const [scope, began] = [this.#scopes.getStore(), performance.now()];
        return () => this.#isOver(changes, scope, performance.now() - began);
      }),
      dependencyChannel.listen((message) => {
        if (message.versions === versions) this.#depends(changes, message);
      }),
      invalidationChannel.listen((message) => {
        if (message.versions !== versions) return ignored;
        const [scope, at, began] = [this.#scopes.getStore(), Date.now(), performance.now()];
        return () => {
          const change = changes.invalidated(message, scope?.running ?? null, at, performance.now() - began);
          if (change !== null) scope?.made.push(change);
        };
      }),
      propagationChannel.listen((message) => {
        if (message.versions === versions) changes.propagated(message);
      }),
    ];
  }

  #depends(changes: ChangeLog, { status, asOf, epoch, keys, text, states }: DependencyMessage): void {
    const scope = this.#scopes.getStore();
    if (scope === undefined) return;
    scope.dependencies = { status, count: keys.length, asOf, keys: cut(text, MAX_KEYS_TEXT) };
    if (scope.cause === 'refetch' || scope.cause === 'live') scope.causes = changes.causes(epoch, states, scope.after);
  }

  /** A request with dependencies is over: its operations get the dependencies and the cause of the run. */
  #isOver(changes: ChangeLog, scope: Scope | undefined, ms: number): void {
    const [first] = scope?.notes ?? [];
    if (scope === undefined || first === undefined) return;
    if (scope.dependencies !== null) {
      first.dependencies = scope.dependencies;
      this.#options.operations.grow(first, 2 * scope.dependencies.keys.length);
    }
    for (const note of scope.notes) note.addChanges(scope.causes);
    const { cause } = scope;
    if (cause !== 'refetch' && cause !== 'live') return;
    for (const change of scope.causes)
      changes.caused(change, { kind: cause, name: first.name, operation: first.id, ms });
  }
}

const MAX_KEYS_TEXT = 2000 * WIRE_KEY_CHARS;

function operationOf({ document, operationName }: OperationMessage): OperationDefinitionNode | null | undefined {
  return isDocument(document) ? getOperationAST(document, operationName) : null;
}

function isDocument(document: object): document is DocumentNode {
  return 'definitions' in document;
}

const ignored = (): void => undefined;

function newScope(cause: OperationCause, after = 0): Scope {
  return { cause, after, notes: [], running: null, dependencies: null, causes: [], made: [] };
}
