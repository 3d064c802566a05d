import type { PentClass } from '../../src/pent/contract.ts';
import { PentError } from '../../src/pent/errors.ts';
import { definitionOf } from '../../src/pent/ofType.ts';
import { Pent } from '../../src/pent/Pent.ts';
import { Ref } from '../../src/pent/Ref.ts';
import type { ParamShapes } from '../../src/step/paramShapes.ts';
import { type Entry, Step } from '../../src/step/Step.ts';
import { isRecord } from '../../src/utils/isRecord.ts';

/** Represents the names of the types of Pents, and of plain objects with `__typename`. Yields null for null. */
export class PentTypeNameStep extends Step<string | null> {
  static override readonly op = 'pent.typename';
  static override readonly paramShapes: ParamShapes = {};
  override readonly isSync = true;

  constructor($object: Step) {
    super();
    this.addDependency($object);
  }

  override execute(_count: number, [objects]: readonly [readonly unknown[]]): ReadonlyArray<Entry<string | null>> {
    return objects.map(typeNameOf);
  }
}

function typeNameOf(object: unknown): Entry<string | null> {
  if (object instanceof Pent) return definitionOf(object.constructor as PentClass).name;
  if (object === null || object === undefined) return null;
  if (object instanceof Ref) return object.type;
  if (isRecord(object) && typeof object.__typename === 'string') return object.__typename;
  return new PentError(
    'NO_TYPE_NAME',
    'A value of an interface or union is no Pent, and has no "__typename". Return { __typename: "…", … }.',
  );
}

/** The `planType` of interfaces and unions: their values are Pents, or plain objects with `__typename`. */
// biome-ignore lint/suspicious/noExplicitAny: planType is called with steps of any kind
export function planPent($object: Step<any>): { readonly $__typename: Step<string> } {
  return { $__typename: new PentTypeNameStep($object) as Step<string> };
}
