import type { GraphQLAbstractType, GraphQLTypeResolver } from 'graphql';
import { assertAbstractType } from 'graphql';
import type { LinkContext } from '../../step/LinkContext.ts';
import { failOverdue } from '../../step/overdueRows.ts';
import { type ParamShapes, text } from '../../step/paramShapes.ts';
import type { PlacedExtra } from '../../step/RequestFacts.ts';
import { type Entry, remake, Step } from '../../step/Step.ts';
import type { StepLoad } from '../../step/StepLoad.ts';
import { fail } from '../../step/signals.ts';
import { isPromiseLike } from '../../utils/isPromiseLike.ts';
import { resolveTypeByDefault } from '../resolveTypeByDefault.ts';
import { runtimeTypeName } from '../runtimeType.ts';
import { schemaOf } from './linkedSchema.ts';
import {
  type FieldParams,
  fieldShapes,
  includedNodes,
  type LinkedField,
  linkField,
  resolveInfo,
} from './resolveInfo.ts';

export type ResolveTypeParams = FieldParams & { readonly abstractType: string };

/**
 * Represents the object type of each value of an interface or union, as `resolveType`, the request's `typeResolver`
 * or graphql-js' default finds it. Yields type names that were checked against the schema.
 */
export class ResolveTypeStep extends Step<string> {
  static override readonly op = 'resolveType';
  static override readonly paramShapes: ParamShapes = { ...fieldShapes, abstractType: text };
  declare params: ResolveTypeParams & Record<string, unknown>;
  declare linked: LinkedField;
  declare abstractType: GraphQLAbstractType;

  /** A resolver may do anything: planql does not see it, and the bound of a cost does not count it. */
  override get load(): StepLoad | null {
    return null;
  }

  constructor($value: Step, params: ResolveTypeParams) {
    super();
    this.addDependency($value);
    this.params = { ...params };
  }

  static override fromParams(params: ResolveTypeStep['params'], link: LinkContext): Step {
    const step = remake(this, params);
    step.linked = linkField(params, link);
    step.abstractType = assertAbstractType(schemaOf(link).getType(params.abstractType));
    return step;
  }

  override get isPinned(): boolean {
    return true;
  }

  override execute(
    count: number,
    [values]: readonly [readonly unknown[]],
    extra: PlacedExtra,
  ): ReadonlyArray<Entry<string>> {
    const nodes = includedNodes(this.linked, extra);
    const { schema } = this.linked;
    const resolveType =
      this.abstractType.resolveType ??
      (extra.request.typeResolver as GraphQLTypeResolver<unknown, unknown> | null) ??
      resolveTypeByDefault;
    const names = new Array<Entry<string>>(count);
    const isTimed = extra.deadline !== null;
    for (let row = 0; row < count; row++) {
      if (isTimed && failOverdue(names, row, extra)) break;
      const value = values[row];
      try {
        const info = resolveInfo(this.linked, nodes, row, extra);
        const name = resolveType(value, extra.context, info, this.abstractType);
        const check = (known: unknown): string =>
          runtimeTypeName(
            schema,
            this.abstractType,
            known,
            value,
            () => `${info.parentType.name}.${info.fieldName}`,
            nodes,
          );
        names[row] = isPromiseLike(name) ? name.then(check) : check(name);
      } catch (error) {
        names[row] = fail(error);
      }
    }
    return names;
  }
}
