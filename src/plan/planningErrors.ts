import { PlanqlError } from '../errors/PlanqlError.ts';
import { isJson } from '../utils/isJson.ts';
import { isRecord } from '../utils/isRecord.ts';
import { jsonCopy } from '../utils/ownCopy.ts';
import type { ErrorOutput, JsonObject } from './Plan.ts';

/** The `originalError` of a field that could not be planned. `cause` is the error that its plan resolver threw. */
export class PlanningError extends PlanqlError<'NOT_PLANNED'> {
  /** The field, as `Type.field`. */
  readonly coordinate: string;
  readonly extensions: JsonObject | null;
  readonly isForClients: boolean;

  constructor({ message, extensions, isForClients }: ErrorOutput, coordinate: string, cause: unknown) {
    super('NOT_PLANNED', message, cause === undefined ? undefined : { cause });
    this.coordinate = coordinate;
    this.extensions = jsonCopy(extensions); // servers write into those of a response, and the plan is for all
    this.isForClients = isForClients;
    // An author needs the frames of the plan resolver.
    if (cause instanceof Error && cause.stack !== undefined) this.stack = cause.stack;
  }
}

const causes = new WeakMap<ErrorOutput, unknown>();

/** The output of a field whose plan resolver threw. All that responses show of the error is in it, and so in the plan's text. */
export function errorOutput(error: unknown, isForClients: boolean): ErrorOutput {
  const message = error instanceof Error ? error.message : String(error);
  const output: ErrorOutput = { kind: 'error', message, extensions: extensionsOf(error), isForClients };
  causes.set(output, error);
  return output;
}

/** Null where they are no JSON, or cannot be read. */
function extensionsOf(error: unknown): JsonObject | null {
  try {
    const extensions: unknown = error instanceof Error && 'extensions' in error ? error.extensions : null;
    return isJsonObject(extensions) ? jsonCopy(extensions) : null;
  } catch {
    return null;
  }
}

function isJsonObject(value: unknown): value is JsonObject {
  return isRecord(value) && isJson(value);
}

/** The error of a field that stands as an error in its plan. Its cause is known in the process that planned. */
export function planningError(output: ErrorOutput, coordinate: string): PlanningError {
  return new PlanningError(output, coordinate, causes.get(output));
}

/** How long planning may take, in milliseconds, where nothing else is said. */
export const DEFAULT_PLAN_MS = 5_000;
