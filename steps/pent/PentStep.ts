import type { KvetchObject } from '../../src/kvetch/KvetchObject.ts';
import type { Loaded, PentType } from '../../src/pent/contract.ts';
import { definitionOf } from '../../src/pent/ofType.ts';
import type { Pent } from '../../src/pent/Pent.ts';
import type { PentContext } from '../../src/pent/PentContext.ts';
import { admit } from '../../src/pent/reads/admit.ts';
import type { StepOrigin } from '../../src/step/ahead/StepOrigin.ts';
import type { ExecuteExtra } from '../../src/step/ExecuteExtra.ts';
import type { ParamShape, ParamShapes } from '../../src/step/paramShapes.ts';
import { Step, type StepResult } from '../../src/step/Step.ts';
import type { StepLoad } from '../../src/step/StepLoad.ts';
import { contextOf } from './contextOf.ts';

/** Names of Pent classes; null stands for all. */
export type TypeNames = readonly string[] | null;

export const typeNames: ParamShape = { type: ['null', 'array'], items: { type: 'string' } };

/** Represents the Pents of records. Yields null for none, for those of other types, and for those hidden from the viewer. */
export class PentStep<TPent extends Pent = Pent> extends Step<TPent | null> {
  static override readonly op = 'pent';
  static override readonly paramShapes: ParamShapes = { types: typeNames };
  declare params: { readonly types: TypeNames };

  constructor($record: Step<KvetchObject | null>, types: TypeNames) {
    super();
    this.addDependency($record);
    this.params = { types };
  }

  /** Loads by its id may start with the object: if privacy hides it, they are thrown away. */
  override get origin(): StepOrigin {
    return { kind: 'same', of: 0, isMade: true };
  }

  /** Rules load by themselves: the bound of a cost does not count that. */
  override get load(): StepLoad | null {
    return null;
  }

  override execute(_count: number, [records]: readonly [readonly Loaded[]], extra: ExecuteExtra): StepResult<TPent> {
    const context = contextOf(extra);
    const isWanted = typeTest(context, this.params.types);
    const wanted = isWanted === null ? records : records.map((record) => (isOf(record, isWanted) ? record : null));
    return admit(context, wanted) as StepResult<TPent>;
  }
}

function isOf(record: Loaded, isWanted: (typeId: number) => boolean): boolean {
  return record == null || record instanceof Error || isWanted(record.typeId);
}

/** Whether a type id is one of those with these names; null where any is. */
export function typeTest({ model }: PentContext, types: TypeNames): ((typeId: number) => boolean) | null {
  if (types === null) return null;
  const ids = types.map((name) => definitionOf(model.named(name)).typeId);
  const [only] = ids;
  return ids.length === 1 ? (typeId) => typeId === only : (typeId) => ids.includes(typeId);
}

/** The names of types, as params. `Pent` itself stands for all. */
export function namesOf(types: PentType | readonly PentType[]): TypeNames {
  const names: string[] = [];
  for (const { definition } of Array.isArray(types) ? types : [types]) {
    if (definition === null) return null;
    names.push(definition.name);
  }
  return names.sort();
}
