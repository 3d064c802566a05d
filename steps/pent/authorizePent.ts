import type { KvetchObject } from '../../src/kvetch/KvetchObject.ts';
import { chain } from '../../src/kvetch/shards/chain.ts';
import type { PentObject } from '../../src/pent/contract.ts';
import { Pent } from '../../src/pent/Pent.ts';
import type { PentContext } from '../../src/pent/PentContext.ts';
import { readable } from '../../src/pent/privacy/readability.ts';
import { AccessStep } from '../../src/step/builtin/AccessStep.ts';
import { constant } from '../../src/step/builtin/ConstantStep.ts';
import { EntryStep } from '../../src/step/builtin/EntryStep.ts';
import type { ExecuteExtra } from '../../src/step/ExecuteExtra.ts';
import type { ParamShapes } from '../../src/step/paramShapes.ts';
import { Step, type StepResult } from '../../src/step/Step.ts';
import { contextOf } from './contextOf.ts';
import { PentPageStep } from './PentPageStep.ts';
import { PentStep } from './PentStep.ts';
import { WritePentStep } from './writes.ts';

/** Represents whether the viewer may read objects, wherever they came from. Yields false for any other value. */
export class PentVisibleStep extends Step<boolean> {
  static override readonly op = 'pent.visible';
  static override readonly paramShapes: ParamShapes = {};

  constructor($object: Step) {
    super();
    this.addDependency($object);
  }

  override execute(_count: number, [objects]: readonly [readonly unknown[]], extra: ExecuteExtra): StepResult<boolean> {
    const context = contextOf(extra);
    const pents = objects.map((object) => toPent(object, context));
    const join = (verdicts: readonly boolean[] | null): readonly boolean[] =>
      pents.map((pent, row) => pent !== null && (verdicts === null || verdicts[row] === true));
    return chain(readable(context, pents), join);
  }
}

/** The viewer's own view of an object: rules and scripts may have read it past privacy, or from the store. */
function toPent(object: unknown, context: PentContext): PentObject | null {
  if (object instanceof Pent) return object.$context === context ? object : context.wrap(object.$record);
  const { id, typeId, version } = (object ?? {}) as Partial<KvetchObject>;
  const isRecord = typeof id === 'string' && typeof typeId === 'number' && typeof version === 'number';
  return isRecord ? context.wrap(object as KvetchObject) : null;
}

/**
 * The `authorize` of types whose objects are Pents. Objects that the reads of Pent gave were decided on already, and
 * cost nothing; all others are asked about.
 *
 * ```ts
 * objects: { Issue: { authorize: authorizePent, hidden: 'leaveOut' } }
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: authorize is called with steps of any kind
export function authorizePent($object: Step<any>): Step<boolean> {
  return isAdmitted($object) ? constant(true) : new PentVisibleStep($object);
}

/** Whether a step yields nothing but objects that the viewer may read, by its class. */
function isAdmitted($step: Step): boolean {
  const $object = $step.graph.resolve($step);
  if ($object instanceof PentStep || $object instanceof WritePentStep) return true;
  // Planning a position adds these steps: they pass their values on.
  if ($object.op === 'present' || $object.op === 'ofType') return isAdmitted($object.dependency(0));
  if ($object instanceof AccessStep) return isObjectOfPage($object, 2);
  if (!($object instanceof EntryStep) || $object.layer.kind !== 'list' || $object.layer.source === null) return false;
  const $list = $object.graph.resolve($object.layer.source);
  return $list instanceof AccessStep && isObjectOfPage($list, 1);
}

/** Whether a step reads the objects of a page, or with a longer path one of them. */
function isObjectOfPage($access: AccessStep, length: number): boolean {
  return (
    $access.path[0] === 'objects' && $access.path.length === length && $access.dependency(0) instanceof PentPageStep
  );
}
