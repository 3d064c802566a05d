import type { FieldNode, Plan } from '../../plan/Plan.ts';
import { itemAt } from '../../utils/itemAt.ts';
import type { Driver } from '../driver/Driver.ts';
import type { RequestedFields } from './RequestedFields.ts';
import type { DivisibleObject, FieldSelection, ResponseState } from './ResponseState.ts';

const NOTHING: RequestedFields = { isWhole: false, fields: new Map() };

/**
 * Writes objects with the fields that were asked for, and with the fields that identify them, where these are
 * selected.
 */
export class RequestedSelection implements FieldSelection {
  readonly context = null;
  readonly #part: RequestedFields;

  constructor(part: RequestedFields) {
    this.#part = part;
  }

  object(state: ResponseState, { node, whole, subset }: DivisibleObject, value: unknown, row: number): unknown {
    const part = this.#partAt(state);
    if (part.isWhole) return whole(state, value, row);
    const { driver } = state;
    const wanted = node.fields.flatMap((field, at) =>
      part.fields.has(field.key) || (isIdentity(driver.plan, field) && isRead(driver, field)) ? [at] : [],
    );
    return subset(wanted)(state, value, row);
  }

  /** The wanted part of the object at the current path. */
  #partAt({ path, depth }: ResponseState): RequestedFields {
    let part = this.#part;
    for (let at = 0; at < depth && !part.isWhole; at++) {
      const key = itemAt(path, at);
      if (typeof key === 'string') part = part.fields.get(key) ?? NOTHING;
    }
    return part;
  }

  list(): void {}

  drop(): void {}
}

/** Whether a field tells which object it is of. */
export function isIdentity({ outputs }: Plan, { coordinate, position }: FieldNode): boolean {
  const { kind } = itemAt(outputs, position.output);
  return kind === 'typename' || (kind === 'leaf' && coordinate.endsWith('.id'));
}

function isRead(driver: Driver, { position, requires }: FieldNode): boolean {
  const { stepTasks } = driver.linked.graph;
  return [position.read.step, requires].every((step) => step === -1 || driver.isDone(stepTasks[step]?.id ?? -1));
}
