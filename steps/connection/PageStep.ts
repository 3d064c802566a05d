import type { ExecuteExtra } from '../../src/step/ExecuteExtra.ts';
import type { ParamShapes } from '../../src/step/paramShapes.ts';
import { ITEM, PLACE, type ReadPath } from '../../src/step/reads.ts';
import { valueAt } from '../../src/step/rowsAt.ts';
import { type Entry, type MaxRows, Step } from '../../src/step/Step.ts';
import type { StepLoad } from '../../src/step/StepLoad.ts';
import { mapLists } from '../lists/toList.ts';
import { type Page, pageOf, type Window } from './window.ts';

/** Represents the page of a connection. Yields its rows and their window in the list; null where there is no list. */
export class PageStep extends Step<Page | null> {
  static override readonly op = 'connection.page';
  static override readonly paramShapes: ParamShapes = {};

  constructor($rows: Step, $window: Step<Window>) {
    super();
    this.addDependency($rows, PLACE);
    this.addGlobalDependency($window);
  }

  /** Only rows are read, by steps that know the form of a page. */
  override noteRead([name, ...rest]: ReadPath): void {
    if (name === 'rows') this.dependency(0).noteRead(rest);
    else if (name === undefined) this.dependency(0).noteRead([]);
  }

  /** It cuts lists that are there. */
  override get load(): StepLoad | null {
    return null;
  }

  override maxRows([name, ...rest]: ReadPath): MaxRows {
    if (name !== 'rows') return null;
    const whole = this.dependency(0).maxRows(rest);
    return rest.length > 0 ? whole : { kind: 'smallest', of: [valueAt(this.dependency(1), 'take'), whole] };
  }

  override execute(
    _count: number,
    [lists, window]: readonly [readonly unknown[], Window],
    extra: ExecuteExtra,
  ): ReadonlyArray<Entry<Page | null>> {
    return mapLists('connection', lists, (list) => pageOf(list, window), extra);
  }
}

/** The read path of something read of each row of a page. */
export function ofRows(rest: ReadPath): ReadPath {
  return ['rows', ITEM, ...rest];
}
