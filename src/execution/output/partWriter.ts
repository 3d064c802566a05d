import type { FieldNode, Plan } from '../../plan/Plan.ts';
import { itemAt } from '../../utils/itemAt.ts';
import type { Driver } from '../driver/Driver.ts';
import type { LinkedPlan } from '../link/LinkedPlan.ts';
import type { ResponseForm } from './completeRun.ts';
import { type Complete, OutputState } from './OutputState.ts';
import { ObjectFields, type OutputWriter } from './OutputWriter.ts';
import { objectWriter } from './objectWriter.ts';
import type { Part } from './Part.ts';
import { type ObjectResponse, objectFormOf } from './responseForms.ts';

/** The output, and its wanted part. */
class PartState extends OutputState {
  readonly #part: Part;

  constructor(driver: Driver, part: Part) {
    super(driver);
    this.#part = part;
  }

  /** The wanted part of the object at the current path; null: all of it. */
  get part(): Part | null {
    let part = this.#part;
    for (let at = 0; at < this.depth && !part.isWhole; at++) {
      const key = this.path[at];
      if (typeof key === 'string') part = part.fields.get(key) ?? NOTHING;
    }
    return part.isWhole ? null : part;
  }
}

const NOTHING: Part = { isWhole: false, fields: new Map() };

/** Writes objects with their wanted fields, and with the fields that tell objects apart, where they are at hand. */
const partWriter: OutputWriter<OutputState> = {
  ...objectWriter,
  object(fields, node, linked) {
    const whole = objectWriter.object(fields, node, linked);
    const subsets = new Map<string, Complete<OutputState>>();
    return (state, value, row) => {
      const { part } = state as PartState;
      if (part === null) return whole(state, value, row);
      const wanted = node.fields.flatMap((field, at) =>
        part.fields.has(field.key) || (isIdentity(linked.plan, field) && isRead(state.driver, linked, field))
          ? [at]
          : [],
      );
      const key = wanted.join();
      let subset = subsets.get(key);
      if (subset === undefined) {
        const compiled = wanted.map((at) => itemAt(fields.compiled, at));
        const nodes = wanted.map((at) => itemAt(node.fields, at));
        const own = new ObjectFields<OutputState>(nodes, (field) => itemAt(compiled, nodes.indexOf(field)));
        subset = objectWriter.object(own, { ...node, fields: nodes }, linked);
        subsets.set(key, subset);
      }
      return subset(state, value, row);
    };
  },
};

const form: ResponseForm<OutputState, ObjectResponse> = objectFormOf(partWriter);

/** The form of responses when only a part is wanted. */
export function partForm(part: Part): ResponseForm<OutputState, ObjectResponse> {
  return { ...form, begin: (driver) => new PartState(driver, part) };
}

/** Whether a field tells which object it is of. */
export function isIdentity({ outputs }: Plan, { coordinate, position }: FieldNode): boolean {
  const { kind } = itemAt(outputs, position.output);
  return kind === 'typename' || (kind === 'leaf' && coordinate.endsWith('.id'));
}

function isRead(driver: Driver, { graph }: LinkedPlan, { position, requires }: FieldNode): boolean {
  return [position.read.step, requires].every((step) => step === -1 || driver.isDone(graph.stepTasks[step]?.id ?? -1));
}
