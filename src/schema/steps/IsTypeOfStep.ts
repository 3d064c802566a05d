import { assertObjectType, type FieldNode, GraphQLError, type GraphQLObjectType } from 'graphql';
import type { LinkContext } from '../../step/LinkContext.ts';
import { failOverdue } from '../../step/overdueRows.ts';
import { type ParamShapes, text } from '../../step/paramShapes.ts';
import type { PlacedExtra } from '../../step/RequestFacts.ts';
import { type Entry, remake, Step } from '../../step/Step.ts';
import type { StepLoad } from '../../step/StepLoad.ts';
import { fail } from '../../step/signals.ts';
import { inspect } from '../../utils/inspect.ts';
import { isPromiseLike } from '../../utils/isPromiseLike.ts';
import { schemaOf } from './linkedSchema.ts';
import {
  type FieldParams,
  fieldShapes,
  includedNodes,
  type LinkedField,
  linkField,
  resolveInfo,
} from './resolveInfo.ts';

export type IsTypeOfParams = FieldParams & { readonly objectType: string };

/** Represents a value of an object type that has `isTypeOf`. Yields the value, or an error where it is none. */
export class IsTypeOfStep extends Step {
  static override readonly op = 'isTypeOf';
  static override readonly paramShapes: ParamShapes = { ...fieldShapes, objectType: text };
  declare params: IsTypeOfParams & Record<string, unknown>;
  declare linked: LinkedField;
  declare objectType: GraphQLObjectType;

  /** A resolver may do anything: planql does not see it, and the bound of a cost does not count it. */
  override get load(): StepLoad | null {
    return null;
  }

  constructor($value: Step, params: IsTypeOfParams) {
    super();
    this.addDependency($value);
    this.params = { ...params };
  }

  static override fromParams(params: IsTypeOfStep['params'], link: LinkContext): Step {
    const step = remake(this, params);
    step.linked = linkField(params, link);
    step.objectType = assertObjectType(schemaOf(link).getType(params.objectType));
    return step;
  }

  override get isPinned(): boolean {
    return true;
  }

  override get passesValues(): boolean {
    return true;
  }

  override execute(
    count: number,
    [values]: readonly [readonly unknown[]],
    extra: PlacedExtra,
  ): ReadonlyArray<Entry<unknown>> {
    const nodes = includedNodes(this.linked, extra);
    const checked = new Array<Entry<unknown>>(count);
    const isTimed = extra.deadline !== null;
    for (let row = 0; row < count; row++) {
      if (isTimed && failOverdue(checked, row, extra)) break;
      const value = values[row];
      if (value === null || value === undefined) continue;
      try {
        const result = this.objectType.isTypeOf?.(value, extra.context, resolveInfo(this.linked, nodes, row, extra));
        checked[row] = isPromiseLike(result)
          ? result.then((is) => (is ? value : fail(mismatch(this.objectType, value, nodes))))
          : result
            ? value
            : fail(mismatch(this.objectType, value, nodes));
      } catch (error) {
        checked[row] = fail(error);
      }
    }
    return checked;
  }
}

function mismatch(type: GraphQLObjectType, value: unknown, nodes: readonly FieldNode[]): GraphQLError {
  return new GraphQLError(`Expected value of type "${type.name}" but got: ${inspect(value)}.`, { nodes });
}
