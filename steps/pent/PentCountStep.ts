import { asSafe } from '../../src/kvetch/reads/asSafe.ts';
import type { CountedList } from '../../src/pent/reads/countedLists.ts';
import { countReadable } from '../../src/pent/reads/countReadable.ts';
import type { ExecuteExtra } from '../../src/step/ExecuteExtra.ts';
import type { ParamShape, ParamShapes } from '../../src/step/paramShapes.ts';
import { Step, type StepResult } from '../../src/step/Step.ts';
import { isRecord } from '../../src/utils/isRecord.ts';
import { type ListSource, listSource } from '../kvetch/listSource.ts';
import { contextOf } from './contextOf.ts';
import type { PagePart } from './PentPageStep.ts';
import { type TypeNames, typeNames } from './PentStep.ts';

/** What is added up of a list's objects: the attribute that comes first in its order. */
export interface AddedUp {
  readonly attr: string;
  readonly isAverage: boolean;
}

const addedUp: ParamShape = {
  optional: true,
  type: 'object',
  properties: { attr: { type: 'string' }, isAverage: { type: 'boolean' } },
  required: ['attr', 'isAverage'],
  additionalProperties: false,
};

/**
 * Represents the number of objects of lists that the viewer may read, or the sum or the average of an attribute of these.
 * Yields null for the average of none.
 */
export class PentCountStep extends Step<number | null> {
  static override readonly op = 'pent.count';
  static override readonly paramShapes: ParamShapes = {
    source: listSource,
    types: typeNames,
    addedUp,
  };
  declare params: {
    readonly source: ListSource;
    readonly types: TypeNames;
    readonly addedUp?: AddedUp;
  } & Record<string, unknown>;

  /** @param $of - of edges the object that has the list; else the value. */
  constructor(
    source: ListSource,
    types: TypeNames,
    $of: Step,
    $part: Step<PagePart> | null = null,
    addedUp: AddedUp | null = null,
  ) {
    super();
    this.addDependency($of);
    if ($part !== null) this.addDependency($part);
    this.params = { source, types, ...(addedUp !== null && { addedUp }) };
  }

  override execute(
    _count: number,
    [ofs, parts = []]: readonly [readonly unknown[], (readonly PagePart[])?],
    extra: ExecuteExtra,
  ): StepResult<number | null> {
    const { source, addedUp } = this.params;
    const context = contextOf(extra);
    const lists = ofs.map((of, row): CountedList | null => {
      if (of === null || of === undefined) return null;
      const { range, name = '' } = parts[row] ?? {};
      const list = { name: source.name ?? name, range, sum: addedUp?.attr, isAverage: addedUp?.isAverage };
      return source.kind === 'edge'
        ? { ...list, kind: 'edge', of: isRecord(of) ? String(of.id) : '' }
        : { ...list, kind: 'index', of };
    });
    return countReadable(context, lists, extra).then((counts) =>
      counts.map((count) => (count instanceof Error ? asSafe(count) : count)),
    );
  }
}
