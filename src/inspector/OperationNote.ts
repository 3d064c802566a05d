import { errorOf } from '../errors/errorOf.ts';
import type { Plan } from '../plan/Plan.ts';
import type { OperationMessage } from '../telemetry/channels.ts';
import type { Traced } from '../telemetry/traceable.ts';
import { propertiesOf } from '../utils/propertiesOf.ts';
import { cut } from './cut.ts';
import type { Kept } from './Ring.ts';
import type { OperationCause, OperationRecord, RecordedDependencies } from './records.ts';
import { StepCalls } from './StepCalls.ts';

const MAX_TEXT = 32_000;
const MAX_NAME = 200;
const MAX_VARIABLES = 4_000;
const MAX_VARIABLE_NAMES = 100;
const MAX_VARIABLE_NAME = 100;
const MAX_ERRORS = 5;
const MAX_ERROR = 400;
/** The bytes of a note beside its texts, numbers and steps. */
const OWN_BYTES = 900;
const ENTRY_BYTES = 40;
const NONE: readonly string[] = [];

/** How long it took to read a document; null: it was read before. */
export interface ReadTimes {
  readonly parseMs: number;
  readonly validateMs: number;
}

/**
 * The notes on an operation: numbers, and texts that are there anyway. The record is made when it is asked for: most
 * notes leave before.
 */
export class OperationNote implements Kept {
  readonly cause: OperationCause;
  readonly calls: StepCalls;
  dependencies: RecordedDependencies | null = null;
  bytes: number = OWN_BYTES;
  readonly #number: number;
  readonly #at = Date.now();
  readonly #began = performance.now();
  readonly #kind: OperationRecord['kind'];
  readonly #read: ReadTimes | null;
  #ms = 0;
  #planMs = 0;
  #writeMs: number | null = null;
  #isPlanCached = false;
  #type: OperationRecord['type'] = 'refused';
  #name = '';
  #text = '';
  #isWhole = false;
  /** The names of the variables; a text: JSON of them with their values. */
  #variables: readonly string[] | string = NONE;
  #responseBytes: number | null = null;
  #errors = NONE;
  #errorCount = 0;
  #changes = NONE;

  constructor(number: number, cause: OperationCause, kind: OperationRecord['kind'], read: ReadTimes | null) {
    this.#number = number;
    this.cause = cause;
    this.#kind = kind;
    this.#read = read;
    this.calls = new StepCalls(this.#began);
  }

  get id(): string {
    return `${this.#number}`;
  }

  get name(): string {
    return this.#name;
  }

  /** The operation is over. */
  end(message: Traced<OperationMessage>, showsVariables: boolean): void {
    const { planMs, writeMs, isPlanCached, operationName, result } = message;
    const plan = message.plan !== null && isPlan(message.plan) ? message.plan : null;
    this.#ms = performance.now() - this.#began;
    this.#planMs = planMs;
    this.#writeMs = writeMs;
    this.#isPlanCached = isPlanCached;
    if (result instanceof Uint8Array) this.#responseBytes = result.length;
    this.bytes += this.calls.finish(plan);
    this.#name = this.#kept(plan?.operationName ?? operationName ?? '', MAX_NAME);
    if (plan !== null) {
      this.#type = plan.operation;
      this.#text = this.#kept(plan.document, MAX_TEXT);
      this.#isWhole = this.#text.length === plan.document.length;
    }
    this.#variables = this.#variablesOf(message.variableValues, showsVariables);
    const errors = errorsOf(message);
    if (errors.length === 0) return;
    this.#errorCount = errors.length;
    this.#errors = errors.slice(0, MAX_ERRORS).map((error) => this.#kept(errorText(error, showsVariables), MAX_ERROR));
  }

  /** Notes batches of changes that it made, or that made it run. */
  addChanges(ids: readonly string[]): void {
    if (ids.length > 0) this.#changes = [...this.#changes, ...ids];
  }

  record(): OperationRecord {
    const { id, cause, calls, dependencies, bytes } = this;
    const execute = Math.max(0, this.#ms - this.#planMs - (this.#writeMs ?? 0));
    return {
      ...{ id, cause, calls, dependencies, bytes },
      at: this.#at,
      type: this.#type,
      kind: this.#kind,
      name: this.#name,
      text: this.#text,
      isWhole: this.#isWhole,
      variables: variablesText(this.#variables),
      ms: this.#ms,
      times: {
        parse: this.#read?.parseMs ?? null,
        validate: this.#read?.validateMs ?? null,
        plan: this.#planMs,
        execute,
        write: this.#writeMs,
      },
      isPlanCached: this.#isPlanCached,
      responseBytes: this.#responseBytes,
      errors: this.#errors,
      errorCount: this.#errorCount,
      operationName: this.#isWhole && this.#name !== '' ? this.#name : null,
      changes: this.#changes,
    };
  }

  #kept(text: string, max: number): string {
    const short = cut(text, max);
    this.bytes += ENTRY_BYTES + 2 * short.length;
    return short;
  }

  #variablesOf(given: unknown, isShown: boolean): readonly string[] | string {
    if (typeof given !== 'object' || given === null) return NONE;
    const names = Object.keys(given);
    if (names.length === 0) return NONE;
    if (isShown) return this.#kept(jsonOf(given), MAX_VARIABLES);
    const short = names.length > MAX_VARIABLE_NAMES ? names.slice(0, MAX_VARIABLE_NAMES) : names;
    for (const [at, name] of short.entries()) short[at] = this.#kept(name, MAX_VARIABLE_NAME);
    return short;
  }
}

function isPlan(plan: object): plan is Plan {
  return 'steps' in plan;
}

function variablesText(variables: readonly string[] | string): string {
  if (typeof variables === 'string') return variables;
  return variables.length === 0 ? '' : cut(JSON.stringify(variables), MAX_VARIABLES);
}

function jsonOf(value: object): string {
  try {
    return JSON.stringify(value);
  } catch {
    return '"They are no JSON."';
  }
}

/** The place and the code of the letter that tells `{"errors"` from `{"data"`. */
const [AT, E] = [2, 0x65];
const WRITTEN: readonly unknown[] = ['The response has errors: it was written as bytes.'];

function errorsOf({ result, error }: Traced<OperationMessage>): readonly unknown[] {
  if (error !== undefined) return [error];
  if (result instanceof Uint8Array) return result[AT] === E ? WRITTEN : NONE;
  const { errors, initialResult } = propertiesOf(result);
  const all = errors ?? propertiesOf(initialResult).errors;
  return Array.isArray(all) ? all : NONE;
}

/** Errors of variables quote their values: these are not shown where variables are not. */
function errorText(error: unknown, showsVariables: boolean): string {
  const text = errorOf(error).message;
  const [, variable] = /^Variable "\$(\w+)"/.exec(text) ?? [];
  if (variable === undefined || showsVariables) return text;
  return `Variable "$${cut(variable, 100)}" has a wrong value.`;
}
