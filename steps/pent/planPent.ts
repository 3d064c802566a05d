import type { PentClass } from '../../src/pent/contract.ts';
import { definitionOf } from '../../src/pent/ofType.ts';
import type { Pent } from '../../src/pent/Pent.ts';
import type { ParamShapes } from '../../src/step/paramShapes.ts';
import { type Entry, Step } from '../../src/step/Step.ts';

/** Represents the names of the types of Pents. Yields null for what is no Pent. */
export class PentTypeNameStep extends Step<string | null> {
  static override readonly op = 'pent.typename';
  static override readonly paramShapes: ParamShapes = {};
  override readonly isSync = true;

  constructor($pent: Step) {
    super();
    this.addDependency($pent);
  }

  override execute(
    _count: number,
    [pents]: readonly [ReadonlyArray<Pent | null>],
  ): ReadonlyArray<Entry<string | null>> {
    return pents.map((pent) => (pent === null ? null : definitionOf(pent.constructor as PentClass).name));
  }
}

/** The `planType` of interfaces and unions whose types are Pents. */
// biome-ignore lint/suspicious/noExplicitAny: planType is called with steps of any kind
export function planPent($pent: Step<any>): { readonly $__typename: Step<string> } {
  return { $__typename: new PentTypeNameStep($pent) as Step<string> };
}
