import { type FieldNode, type GraphQLField, type GraphQLSchema, getArgumentValues } from 'graphql';
import type { ExecuteExtra } from '../../step/ExecuteExtra.ts';
import type { LinkContext } from '../../step/LinkContext.ts';
import { type Entry, Step } from '../../step/Step.ts';
import { fail } from '../../step/signals.ts';
import { findField } from '../fields.ts';

interface ArgumentsParams {
  readonly parentType: string;
  readonly fieldName: string;
  readonly node: number;
}

/** Represents the arguments of a field that depend on variables. Yields them coerced, or the coercion's error. */
export class ArgumentsStep extends Step<Record<string, unknown>> {
  static override readonly op = 'arguments';
  override readonly isSync = true;
  declare params: ArgumentsParams & Record<string, unknown>;
  declare field: GraphQLField<unknown, unknown>;
  declare node: FieldNode;

  constructor(params: ArgumentsParams) {
    super();
    this.layer = this.graph.root;
    this.params = { ...params };
  }

  static override fromParams(params: ArgumentsStep['params'], link: LinkContext): Step {
    const step = super.fromParams(params, link) as ArgumentsStep;
    step.field = findField(link.schema as GraphQLSchema, params.parentType, params.fieldName).field;
    step.node = link.fieldNode(params.node) as FieldNode;
    return step;
  }

  override get isPure(): boolean {
    return true;
  }

  override execute(
    _count: number,
    _values: readonly [],
    extra: ExecuteExtra,
  ): ReadonlyArray<Entry<Record<string, unknown>>> {
    try {
      return [getArgumentValues(this.field, this.node, extra.variableValues as never)];
    } catch (error) {
      return [fail(error)];
    }
  }
}
