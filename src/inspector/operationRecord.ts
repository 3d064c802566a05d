import { errorOf } from '../errors/errorOf.ts';
import type { Plan } from '../plan/Plan.ts';
import type { OperationMessage } from '../telemetry/channels.ts';
import type { Traced } from '../telemetry/traceable.ts';
import { propertiesOf } from '../utils/propertiesOf.ts';
import { cut } from './cut.ts';
import type { OperationCause, OperationRecord } from './records.ts';
import type { StepCalls } from './StepCalls.ts';

const MAX_TEXT = 32_000;
const MAX_NAME = 200;
const MAX_VARIABLES = 4_000;
const MAX_ERRORS = 5;
const MAX_ERROR = 400;
/** What a record takes beside its texts, numbers and steps. */
const OWN_BYTES = 1_000;

/** What was known of an operation while it ran. */
export interface RunFacts {
  readonly id: string;
  readonly at: number;
  readonly cause: OperationCause;
  readonly calls: StepCalls;
  readonly ms: number;
  readonly parseMs: number | null;
  readonly validateMs: number | null;
  readonly showsVariables: boolean;
}

/** Makes the record of an operation that is over. */
export function operationRecord(message: Traced<OperationMessage>, facts: RunFacts): OperationRecord {
  const { kind, plan: given, planMs, writeMs, isPlanCached, operationName, variableValues, result } = message;
  const { id, at, cause, calls: noted, ms, parseMs: parse, validateMs: validate, showsVariables } = facts;
  const plan = given !== null && isPlan(given) ? given : null;
  const calls = noted.finish(plan);
  const document = plan?.document ?? '';
  const text = cut(document, MAX_TEXT);
  const name = cut(plan?.operationName ?? operationName ?? '', MAX_NAME);
  const variables = variablesText(variableValues, showsVariables);
  const found = errorsOf(message);
  const errors = found.slice(0, MAX_ERRORS).map((error) => errorText(error, showsVariables));
  const execute = Math.max(0, ms - planMs - (writeMs ?? 0));
  const isWhole = plan !== null && text.length === document.length;
  const texts = text.length + name.length + variables.length + errors.reduce((sum, error) => sum + error.length, 0);
  return {
    id,
    at,
    cause,
    kind,
    name,
    text,
    variables,
    ms,
    errors,
    calls,
    isPlanCached,
    isWhole,
    type: plan?.operation ?? 'refused',
    times: { parse, validate, plan: planMs, execute, write: writeMs },
    responseBytes: result instanceof Uint8Array ? result.length : null,
    errorCount: found.length,
    operationName: isWhole ? (plan?.operationName ?? null) : null,
    bytes: OWN_BYTES + 2 * texts + calls.bytes,
    dependencies: null,
    changes: [],
  };
}

function isPlan(plan: object): plan is Plan {
  return 'steps' in plan;
}

/** The names of variables, with their values only where these are wanted. */
function variablesText(given: unknown, isShown: boolean): string {
  const names = typeof given === 'object' && given !== null ? Object.keys(given) : [];
  if (names.length === 0) return '';
  if (!isShown) return cut(JSON.stringify(names.slice(0, 100).map((name) => cut(name, 100))), MAX_VARIABLES);
  try {
    return cut(JSON.stringify(given), MAX_VARIABLES);
  } catch {
    return '"They are no JSON."';
  }
}

/** The place and the code of the letter that tells `{"errors"` from `{"data"`. */
const [AT, E] = [2, 0x65];

function errorsOf({ result, error }: Traced<OperationMessage>): readonly unknown[] {
  if (error !== undefined) return [error];
  if (result instanceof Uint8Array) {
    return result[AT] === E ? ['The response has errors: it was written as bytes.'] : [];
  }
  const { errors, initialResult } = propertiesOf(result);
  const all = errors ?? propertiesOf(initialResult).errors;
  return Array.isArray(all) ? all : [];
}

/** Errors of variables quote their values: these are not shown where variables are not. */
function errorText(error: unknown, showsVariables: boolean): string {
  const text = errorOf(error).message;
  const [, variable] = /^Variable "\$(\w+)"/.exec(text) ?? [];
  if (variable !== undefined && !showsVariables) return `Variable "$${cut(variable, 100)}" has a wrong value.`;
  return cut(text, MAX_ERROR);
}
