import { asSafe } from '../../src/kvetch/reads/asSafe.ts';
import type { CountedList } from '../../src/pent/reads/countedLists.ts';
import { countReadable } from '../../src/pent/reads/countReadable.ts';
import type { ExecuteExtra } from '../../src/step/ExecuteExtra.ts';
import type { ParamShapes } from '../../src/step/paramShapes.ts';
import { Step, type StepResult } from '../../src/step/Step.ts';
import { isRecord } from '../../src/utils/isRecord.ts';
import { type ListSource, listSource } from '../kvetch/listSource.ts';
import { contextOf } from './contextOf.ts';
import type { PagePart } from './PentPageStep.ts';
import { type TypeNames, typeNames } from './PentStep.ts';

/** Represents the number of objects of lists that the viewer may read. */
export class PentCountStep extends Step<number> {
  static override readonly op = 'pent.count';
  static override readonly paramShapes: ParamShapes = {
    source: listSource,
    types: typeNames,
  };
  declare params: {
    readonly source: ListSource;
    readonly types: TypeNames;
  } & Record<string, unknown>;

  /** @param $of - of edges the object that has the list; else the value. */
  constructor(source: ListSource, types: TypeNames, $of: Step, $part: Step<PagePart> | null = null) {
    super();
    this.addDependency($of);
    if ($part !== null) this.addDependency($part);
    this.params = { source, types };
  }

  override execute(
    _count: number,
    [ofs, parts = []]: readonly [readonly unknown[], (readonly PagePart[])?],
    extra: ExecuteExtra,
  ): StepResult<number> {
    const { source } = this.params;
    const context = contextOf(extra);
    const lists = ofs.map((of, row): CountedList | null => {
      if (of === null || of === undefined) return null;
      const { range, name = '' } = parts[row] ?? {};
      const list = { name: source.name ?? name, range };
      return source.kind === 'edge'
        ? { ...list, kind: 'edge', of: isRecord(of) ? String(of.id) : '' }
        : { ...list, kind: 'index', of };
    });
    return countReadable(context, lists, extra).then((counts) =>
      counts.map((count) => (count instanceof Error ? asSafe(count) : count)),
    );
  }
}
