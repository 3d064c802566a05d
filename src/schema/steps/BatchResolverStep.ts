import type { ExecuteExtra } from '../../step/ExecuteExtra.ts';
import type { LinkContext } from '../../step/LinkContext.ts';
import { type ParamShapes, text } from '../../step/paramShapes.ts';
import { remake, Step, type StepResult } from '../../step/Step.ts';
import { findField } from '../fields.ts';
import { ownInput } from '../ownInput.ts';
import { type BatchInfo, type BatchResolver, type FieldPlans, planqlExtension } from '../planResolvers.ts';
import { schemaOf } from './linkedSchema.ts';
import { ownArguments } from './resolveInfo.ts';

interface BatchParams {
  readonly parentType: string;
  readonly fieldName: string;
}

/** Represents the result of a batched resolver for its parents. Yields its entries; one call serves all rows. */
export class BatchResolverStep extends Step {
  static override readonly op = 'batchResolve';
  static override readonly paramShapes: ParamShapes = { parentType: text, fieldName: text };
  declare params: BatchParams & Record<string, unknown>;
  declare resolve: BatchResolver;
  declare info: Omit<BatchInfo, 'signal'>;

  constructor($parent: Step, $args: Step, params: BatchParams) {
    super();
    this.addDependency($parent);
    this.addGlobalDependency($args);
    this.params = { ...params };
  }

  static override fromParams(params: BatchResolverStep['params'], link: LinkContext): Step {
    const step = remake(this, params);
    const schema = schemaOf(link);
    const { parentType, field } = findField(schema, params.parentType, params.fieldName);
    step.resolve = (planqlExtension(field) as FieldPlans).batch as BatchResolver;
    step.info = { schema, parentType, fieldName: field.name, field };
    return step;
  }

  /** Places of one field with equal arguments that become ready together are one call. */
  override batchKey(): string {
    return `${this.params.parentType}.${this.params.fieldName}`;
  }

  override execute(
    _count: number,
    [parents, args]: readonly [readonly unknown[], Record<string, unknown>],
    extra: ExecuteExtra,
  ): StepResult<unknown> {
    const { resolve, info } = this;
    // Parents and arguments belong to the plan; a resolver may write to its own.
    const own = ownArguments(args);
    for (const { name, type } of info.field.args) {
      if (own[name] !== undefined) own[name] = ownInput(type, own[name]);
    }
    return resolve([...parents], own, extra.context, { ...info, signal: extra.signal });
  }
}
