import type { Range } from '../../src/kvetch/codec/orderKey.ts';
import { type CountedList, countReadable } from '../../src/pent/reads/countReadable.ts';
import type { ExecuteExtra } from '../../src/step/ExecuteExtra.ts';
import { type ParamShapes, texts } from '../../src/step/paramShapes.ts';
import { Step, type StepResult } from '../../src/step/Step.ts';
import { type ListSource, listSource } from '../kvetch/listSource.ts';
import { contextOf } from './contextOf.ts';
import { attributeOf, type PageParts } from './PentPageStep.ts';
import { type TypeNames, typeNames } from './PentStep.ts';

const PARTS = ['range', 'name'] as const;

/** Represents the number of objects of lists that the viewer may read. */
export class PentCountStep extends Step<number> {
  static override readonly op = 'pent.count';
  static override readonly paramShapes: ParamShapes = {
    source: listSource,
    types: typeNames,
    parts: { type: 'array', items: { enum: PARTS }, optional: true },
    names: { ...texts, optional: true },
  };
  declare params: {
    readonly source: ListSource;
    readonly types: TypeNames;
    readonly parts?: ReadonlyArray<(typeof PARTS)[number]>;
    /** Those among which is chosen. */
    readonly names?: readonly string[];
  } & Record<string, unknown>;

  /** @param $of - of edges the object that has the list; else the value. */
  constructor(
    source: ListSource,
    types: TypeNames,
    $of: Step,
    { $range, $name }: Omit<PageParts, '$window'> = {},
    names: readonly string[] = [],
  ) {
    super();
    this.addDependency($of);
    const given = { range: $range, name: $name };
    const parts = PARTS.filter((part) => given[part] !== undefined);
    for (const part of parts) this.addDependency(given[part] as Step);
    this.params = { source, types, ...(parts.length > 0 && { parts }), ...(names.length > 0 && { names }) };
  }

  override execute(count: number, values: ReadonlyArray<readonly unknown[]>, extra: ExecuteExtra): StepResult<number> {
    const { source, parts = [], names: known = [] } = this.params;
    const context = contextOf(extra);
    attributeOf(context, source, known); // refuses a choice among lists of several
    const column = (part: (typeof PARTS)[number]): readonly unknown[] | undefined =>
      parts.includes(part) ? values[1 + parts.indexOf(part)] : undefined;
    const [ofs, ranges, names] = [values[0], column('range'), column('name')];
    const lists = Array.from({ length: count }, (_, row): CountedList | null => {
      const of = ofs?.[row] ?? null;
      const name = source.name ?? (names?.[row] as string | undefined) ?? '';
      const id = source.kind === 'edge' && of !== null ? (of as { readonly id: string }).id : of;
      const range = ranges?.[row] as Range | undefined;
      return of === null ? null : { kind: source.kind === 'edge' ? 'edge' : 'index', name, of: id, range };
    });
    return countReadable(context, lists, extra);
  }
}
