import type { GraphQLAbstractType } from 'graphql';
import { assertAbstractType } from 'graphql';
import type { LinkContext } from '../../step/LinkContext.ts';
import { type ParamShapes, text } from '../../step/paramShapes.ts';
import type { PlacedExtra } from '../../step/RequestFacts.ts';
import { type Entry, remake, Step } from '../../step/Step.ts';
import { fail } from '../../step/signals.ts';
import { possibleNames, runtimeTypeName } from '../runtimeType.ts';
import { schemaOf } from './linkedSchema.ts';
import type { ResolveTypeParams } from './ResolveTypeStep.ts';
import { coordinateAt, fieldShapes, type LinkedField, linkField } from './resolveInfo.ts';

/** Positions that share a source share its errors: each is located where it is met. */
const ANYWHERE: readonly never[] = [];

/** Represents the type names that `planType` gave. Yields them once they are known to be possible types. */
export class CheckTypeStep extends Step<string> {
  static override readonly op = 'checkType';
  static override readonly paramShapes: ParamShapes = { ...fieldShapes, abstractType: text };
  override readonly isSync = true;
  declare params: ResolveTypeParams & Record<string, unknown>;
  declare linked: LinkedField;
  declare abstractType: GraphQLAbstractType;

  constructor($typename: Step, $value: Step, params: ResolveTypeParams) {
    super();
    this.addDependency($typename);
    this.addDependency($value);
    this.params = { ...params };
  }

  static override fromParams(params: CheckTypeStep['params'], link: LinkContext): Step {
    const step = remake(this, params);
    step.linked = linkField(params, link);
    step.abstractType = assertAbstractType(schemaOf(link).getType(params.abstractType));
    return step;
  }

  /** Its messages name the field. */
  override peerKey(): string {
    const { abstractType, parentType, fieldName } = this.params;
    return `${abstractType} ${parentType}.${fieldName}`;
  }

  override execute(
    count: number,
    [names, values]: readonly [readonly unknown[], readonly unknown[]],
    extra: PlacedExtra,
  ): ReadonlyArray<Entry<string>> {
    const possible = possibleNames(this.linked.schema, this.abstractType);
    let row = 0;
    while (row < count && possible.has(names[row])) row++;
    // The common case: the given names are the result.
    if (row === count) return names as readonly string[];
    return names.map((name, at) => checkedName(this, name, values[at], at, extra));
  }
}

/** The name of a possible type, or why it is none. */
function checkedName(
  { linked, abstractType }: CheckTypeStep,
  name: unknown,
  value: unknown,
  row: number,
  extra: PlacedExtra,
): Entry<string> {
  const coordinate = (): string => coordinateAt(linked, row, extra);
  try {
    return runtimeTypeName(linked.schema, abstractType, name, value, coordinate, ANYWHERE);
  } catch (error) {
    return fail(error);
  }
}
