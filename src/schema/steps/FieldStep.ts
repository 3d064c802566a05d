import type { StepOrigin } from '../../step/ahead/StepOrigin.ts';
import type { LinkContext } from '../../step/LinkContext.ts';
import { failOverdue } from '../../step/overdueRows.ts';
import type { ParamShapes } from '../../step/paramShapes.ts';
import type { PlacedExtra } from '../../step/RequestFacts.ts';
import { FORWARDED, type ReadPath } from '../../step/reads.ts';
import { type Entry, remake, Step } from '../../step/Step.ts';
import type { StepLoad } from '../../step/StepLoad.ts';
import { fail } from '../../step/signals.ts';
import { callFound, type FieldParams, fieldShapes, includedNodes, type LinkedField, linkField } from './resolveInfo.ts';

/**
 * Represents a field that has neither plan, resolver nor arguments: the property of its name. Yields the value of
 * graphql-js' default resolver: a method is called. Where only the output needs it, it never becomes a column.
 */
export class FieldStep extends Step {
  static override readonly op = 'field';
  static override readonly paramShapes: ParamShapes = fieldShapes;
  declare params: FieldParams & Record<string, unknown>;
  declare linked: LinkedField;

  /** A resolver may do anything: planql does not see it, and the bound of a cost does not count it. */
  override get load(): StepLoad | null {
    return null;
  }

  constructor($parent: Step, params: FieldParams) {
    super();
    this.addDependency($parent, FORWARDED);
    this.params = { ...params };
  }

  get fieldName(): string {
    return this.params.fieldName;
  }

  static override fromParams(params: FieldStep['params'], link: LinkContext): Step {
    const step = remake(this, params);
    step.linked = linkField(params, link);
    return step;
  }

  /** Two places that read the same property of the same object are one step: they find the same value. */
  override peerKey(): string {
    return this.fieldName;
  }

  /** Of a property that is a function nothing can be told before it is called. */
  override get origin(): StepOrigin {
    return { kind: 'part', of: 0, path: [this.fieldName] };
  }

  override authorizedAs(path: ReadPath): ReadonlySet<string> | null {
    return this.dependency(0).authorizedAs([this.fieldName, ...path]);
  }

  override noteRead(path: ReadPath): void {
    this.dependency(0).noteRead([this.fieldName, ...path]);
  }

  override execute(
    count: number,
    [parents]: readonly [readonly unknown[]],
    extra: PlacedExtra,
  ): ReadonlyArray<Entry<unknown>> {
    const { fieldName } = this;
    const results = new Array<Entry<unknown>>(count);
    const isTimed = extra.deadline !== null;
    for (let row = 0; row < count; row++) {
      try {
        const value = readField(parents[row], fieldName);
        if (isTimed && typeof value === 'function' && failOverdue(results, row, extra)) break;
        results[row] = typeof value === 'function' ? callAt(this.linked, parents[row], value, row, extra) : value;
      } catch (error) {
        results[row] = fail(error);
      }
    }
    return results;
  }
}

function callAt(linked: LinkedField, parent: unknown, method: unknown, row: number, extra: PlacedExtra): unknown {
  const { schema, parentType, field, place } = linked;
  return callFound(
    schema,
    parentType,
    field,
    includedNodes(linked, extra),
    extra.pathAt(place, row),
    extra,
    parent,
    method,
  );
}

/** The property of an object or function; undefined for any other value. */
function readField(source: unknown, fieldName: string): unknown {
  return (typeof source === 'object' && source !== null) || typeof source === 'function'
    ? (source as Record<string, unknown>)[fieldName]
    : undefined;
}
