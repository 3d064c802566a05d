import { type GraphQLInputType, parseType } from 'graphql';
import { InternalError } from '../../errors/InternalError.ts';
import type { LinkContext } from '../../step/LinkContext.ts';
import { functionOrNull, type ParamShapes, text } from '../../step/paramShapes.ts';
import { type Entry, remake, Step } from '../../step/Step.ts';
import { fail } from '../../step/signals.ts';
import { applyInputTo, bakedInput } from '../applyInput.ts';
import { inputTypeOf } from '../inputTypeOf.ts';
import type { FieldArgs } from '../planResolvers.ts';
import { schemaOf } from './linkedSchema.ts';

interface ApplyParams {
  readonly type: string;
  readonly createTarget: (() => unknown) | null;
}

/**
 * Represents a target to which the hooks of an input were applied, or without a target the baked input itself. Yields
 * it, one in each row; global, as arguments are.
 */
export class ApplyInputStep<TTarget = unknown> extends Step<TTarget> {
  static override readonly op = 'applyInput';
  static override readonly paramShapes: ParamShapes = { type: text, createTarget: functionOrNull };
  override readonly isSync = true;
  declare params: ApplyParams & Record<string, unknown>;
  declare type: GraphQLInputType;

  constructor($input: Step, type: GraphQLInputType, createTarget: (() => unknown) | null) {
    super();
    this.addDependency($input);
    this.params = { type: String(type), createTarget };
  }

  static override fromParams(params: ApplyInputStep['params'], link: LinkContext): Step {
    const step = remake(this, params);
    const type = inputTypeOf(schemaOf(link), parseType(params.type));
    if (type === undefined) throw new InternalError(`The schema has no input type ${params.type}.`);
    step.type = type;
    return step;
  }

  override execute(count: number, [inputs]: readonly [readonly unknown[]]): ReadonlyArray<Entry<TTarget>> {
    const { createTarget } = this.params;
    const results = new Array<Entry<TTarget>>(count);
    for (let row = 0; row < count; row++) {
      try {
        if (createTarget === null) results[row] = bakedInput(this.type, inputs[row]) as TTarget;
        else {
          const target = createTarget();
          applyInputTo(this.type, inputs[row], target);
          results[row] = target as TTarget;
        }
      } catch (error) {
        results[row] = fail(error);
      }
    }
    return results;
  }
}

/**
 * Represents the result of `createTarget`, after the `apply` hooks of the argument at `path` and of all fields inside it
 * were run on it, in the order in which the schema defines them (see `inputObjects` and `enums` of `makeSchema`).
 *
 * ```ts
 * inputObjects: { UserFilter: { apply: { name: (query, value) => query.where('name', value) } } },
 * Query: { plans: { users: (_$root, args) => lambda([context(), applyInput(args, ['filter'], newQuery)], runQuery) } },
 * ```
 */
export function applyInput<TTarget>(
  fieldArgs: FieldArgs,
  path: readonly [string, ...(readonly (string | number)[])],
  createTarget: () => TTarget,
): Step<TTarget> {
  const [argument, ...rest] = path;
  return new ApplyInputStep<TTarget>(
    fieldArgs.at(argument, ...rest),
    fieldArgs.typeAt(argument, ...rest),
    createTarget,
  );
}

/** Represents the argument at `path` as the `baked` functions of its input object types make it. */
export function bakeInput<TInput = unknown>(
  fieldArgs: FieldArgs,
  path: readonly [string, ...(readonly (string | number)[])],
): Step<TInput> {
  const [argument, ...rest] = path;
  return new ApplyInputStep<TInput>(fieldArgs.at(argument, ...rest), fieldArgs.typeAt(argument, ...rest), null);
}
