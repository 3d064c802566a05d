import { errorOf } from '../../src/errors/errorOf.ts';
import type { PentClass } from '../../src/pent/contract.ts';
import type { Pent } from '../../src/pent/Pent.ts';
import { createPent, deletePent, updatePent } from '../../src/pent/writes/writePent.ts';
import { constant } from '../../src/step/builtin/ConstantStep.ts';
import type { ExecuteExtra } from '../../src/step/ExecuteExtra.ts';
import { type ParamShapes, text } from '../../src/step/paramShapes.ts';
import { Step, type StepResult } from '../../src/step/Step.ts';
import { contextOf } from './contextOf.ts';

type WriteKind = 'create' | 'update' | 'delete';

type Row = readonly [
  id: string,
  data: Record<string, unknown>,
  version: number | null,
  key: string | null,
  conditions?: Record<string, unknown> | null,
];

/** Represents a write of objects of a type. Yields the written object, or for a delete its id; null for none. */
export class WritePentStep<TResult = unknown> extends Step<TResult> {
  static override readonly op = 'pent.write';
  static override readonly paramShapes: ParamShapes = {
    kind: { enum: ['create', 'update', 'delete'] },
    type: text,
  };

  declare params: { readonly kind: WriteKind; readonly type: string | undefined };

  constructor(
    kind: WriteKind,
    { definition }: PentClass,
    { $id, $data, $ifVersion, $idempotencyKey, $if }: WriteSteps,
  ) {
    super();
    for (const $step of [$id, $data, $ifVersion, $idempotencyKey, $if]) this.addDependency($step ?? constant(null));
    this.params = { kind, type: definition?.name };
    this.hasSideEffects = true;
  }

  override execute(count: number, values: readonly (readonly unknown[])[], extra: ExecuteExtra): StepResult<TResult> {
    const { kind, type } = this.params;
    const context = contextOf(extra);
    const pentClass = context.model.named(String(type));
    const write = async (row: number): Promise<unknown> => {
      const [id, data, version, key, conditions = null] = values.map((column) => column[row]) as unknown as Row;
      const options = {
        ...(version !== null && { ifVersion: version }),
        ...(conditions !== null && { if: conditions }),
      };
      if (kind === 'create') return createPent(context, pentClass, data, key === null ? {} : { idempotencyKey: key });
      if (kind === 'update') return updatePent(context, pentClass, id, data, options);
      return deletePent(context, pentClass, id, options);
    };
    return inTurn(count, write) as StepResult<TResult>;
  }
}

/** One after the other: a later row sees the writes of an earlier one. */
async function inTurn(count: number, write: (row: number) => Promise<unknown>): Promise<readonly unknown[]> {
  const results: unknown[] = [];
  for (let row = 0; row < count; row++) {
    results.push(await write(row).catch(errorOf));
  }
  return results;
}

export interface WriteSteps {
  readonly $id?: Step | undefined;
  readonly $data?: Step | undefined;
  /** Write only this version. */
  readonly $ifVersion?: Step | undefined;
  /** Repeating a create with the same key creates nothing. */
  readonly $idempotencyKey?: Step | undefined;
  /** Conditions on attributes of an update or delete, as `if` of `updatePent`: null is no condition. */
  readonly $if?: Step | undefined;
}

/**
 * Represents a new object. Yields it.
 *
 * ```ts
 * Mutation: { plans: { createUser: (_$root, { $data }) => object({ user: creating(User, { $data }) }) } }
 * ```
 */
export function creating<TPent extends Pent>(
  pentClass: PentClass<TPent>,
  { $data, $idempotencyKey }: Pick<WriteSteps, '$data' | '$idempotencyKey'>,
): Step<TPent | null> {
  return new WritePentStep('create', pentClass, { $data, $idempotencyKey });
}

/** Represents a changed object. Yields it as it is now. */
export function updating<TPent extends Pent>(
  pentClass: PentClass<TPent>,
  { $id, $data, $ifVersion, $if }: Pick<WriteSteps, '$id' | '$data' | '$ifVersion' | '$if'>,
): Step<TPent | null> {
  return new WritePentStep('update', pentClass, { $id, $data, $ifVersion, $if });
}

/** Represents a deleted object. Yields its id; null where there was none. */
export function deleting(
  pentClass: PentClass,
  { $id, $ifVersion, $if }: Pick<WriteSteps, '$id' | '$ifVersion' | '$if'>,
): Step<string | null> {
  return new WritePentStep('delete', pentClass, { $id, $ifVersion, $if });
}
