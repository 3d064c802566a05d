import { AsyncLocalStorage } from 'node:async_hooks';
import { type DocumentNode, getOperationAST, type OperationDefinitionNode } from 'graphql';
import { errorOf } from '../errors/errorOf.ts';
import { documentChannel, type OperationMessage, operationChannel } from '../telemetry/channels.ts';
import {
  type DependencyMessage,
  dependencyChannel,
  invalidationChannel,
  propagationChannel,
  reactiveChannel,
} from '../telemetry/reactiveChannels.ts';
import type { Traced } from '../telemetry/traceable.ts';
import type { ChangeLog } from './ChangeLog.ts';
import { operationRecord } from './operationRecord.ts';
import type { Ring } from './Ring.ts';
import type { OperationCause, OperationRecord, RecordedDependencies } from './records.ts';
import { StepCalls } from './StepCalls.ts';

/** What belongs together: a request with dependencies and the operations that it runs, or one mutation. */
interface Scope {
  readonly cause: OperationCause;
  /** Changes up to this batch are no cause. */
  readonly after: number;
  readonly records: OperationRecord[];
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
  readonly operations: Ring<OperationRecord>;
  /** Null: there is no reactive layer. */
  readonly changes: ChangeLog | null;
  readonly showsVariables: boolean;
}

/** Listens on the channels of telemetry, and makes records of what it hears. */
export class Recorder {
  readonly #options: RecorderOptions;
  readonly #scopes = new AsyncLocalStorage<Scope>();
  /** How long documents took that were read and not run yet. */
  readonly #read = new WeakMap<object, { readonly parseMs: number; readonly validateMs: number }>();
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
    if (changes !== null) this.#stops.push(...this.#reactive(changes));
  }

  /** Runs something whose operations are replays. */
  replay<T>(run: () => T): T {
    return this.#scopes.run(newScope('replay'), run);
  }

  stop(): void {
    for (const stop of this.#stops) stop();
  }

  #operation(message: Traced<OperationMessage>): () => void {
    const [at, began] = [Date.now(), performance.now()];
    const id = `${++this.#last}`;
    const calls = new StepCalls();
    message.observer = calls;
    const scope = this.#scopeOf(message);
    if (scope !== null) scope.running = { id, name: operationOf(message)?.name?.value ?? '' };
    const read = this.#read.get(message.document);
    if (read !== undefined) this.#read.delete(message.document);
    return () => {
      const { parseMs = null, validateMs = null } = read ?? {};
      const { operations, showsVariables } = this.#options;
      const ms = performance.now() - began;
      const cause = scope?.cause ?? 'request';
      const facts = { id, at, cause, calls, ms, parseMs, validateMs, showsVariables };
      this.count++;
      let record: OperationRecord;
      try {
        record = operationRecord(message, facts);
      } catch (error) {
        // Variables with getters, errors that are no errors: the request must not hear of it.
        process.emitWarning(errorOf(error));
        return;
      }
      if (scope !== null) {
        scope.records.push(record);
        record.changes.push(...scope.made);
      }
      operations.add(record);
    };
  }

  /** A mutation gets a scope of its own, if it has none: what it invalidates is known to be its work. */
  #scopeOf(message: Traced<OperationMessage>): Scope | null {
    const { changes } = this.#options;
    const outer = this.#scopes.getStore();
    if (outer !== undefined || changes === null) return outer ?? null;
    if (operationOf(message)?.operation !== 'mutation') return null;
    const scope = newScope('request');
    message.around = (_step, call) => this.#scopes.run(scope, call);
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

  #depends(changes: ChangeLog, { status, asOf, epoch, keys, states }: DependencyMessage): void {
    const scope = this.#scopes.getStore();
    if (scope === undefined) return;
    scope.dependencies = { status, count: keys.length, asOf, keys: keys.slice(0, MAX_KEYS).join('') };
    if (scope.cause === 'refetch' || scope.cause === 'live') scope.causes = changes.causes(epoch, states, scope.after);
  }

  /** A request with dependencies is over: what they are, and what made it run, is said of its operations. */
  #isOver(changes: ChangeLog, scope: Scope | undefined, ms: number): void {
    const [first] = scope?.records ?? [];
    if (scope === undefined || first === undefined) return;
    if (scope.dependencies !== null) {
      first.dependencies = scope.dependencies;
      this.#options.operations.grew(first, 2 * scope.dependencies.keys.length);
    }
    for (const record of scope.records) record.changes.push(...scope.causes);
    const { cause } = scope;
    if (cause !== 'refetch' && cause !== 'live') return;
    for (const change of scope.causes)
      changes.caused(change, { kind: cause, name: first.name, operation: first.id, ms });
  }
}

const MAX_KEYS = 2000;

function operationOf({ document, operationName }: OperationMessage): OperationDefinitionNode | null | undefined {
  return isDocument(document) ? getOperationAST(document, operationName) : null;
}

function isDocument(document: object): document is DocumentNode {
  return 'definitions' in document;
}

const ignored = (): void => undefined;

function newScope(cause: OperationCause, after = 0): Scope {
  return { cause, after, records: [], running: null, dependencies: null, causes: [], made: [] };
}
