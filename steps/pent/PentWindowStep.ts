import { errorOf } from '../../src/errors/errorOf.ts';
import { type PageWindow, pageWindow } from '../../src/pent/reads/pageWindow.ts';
import type { ParamShapes } from '../../src/step/paramShapes.ts';
import { type Entry, Step } from '../../src/step/Step.ts';
import { fail } from '../../src/step/signals.ts';

const NAMES = ['first', 'last', 'before', 'after', 'reverse'] as const;

/** Represents the pages of lists that arguments ask for. Yields them in the direction of reading. */
export class PentWindowStep extends Step<PageWindow> {
  static override readonly op = 'pent.window';
  static override readonly paramShapes: ParamShapes = { names: { type: 'array', items: { enum: NAMES } } };
  declare params: { readonly names: readonly string[] };
  override readonly isSync = true;

  constructor($args: Readonly<Partial<Record<(typeof NAMES)[number], Step | undefined>>>) {
    super();
    const names: string[] = [];
    for (const name of NAMES) {
      const $argument = $args[name];
      if ($argument === undefined) continue;
      this.addDependency($argument);
      names.push(name);
    }
    this.params = { names };
  }

  /** Loads by the arguments may start with the request. */
  override get isPure(): boolean {
    return true;
  }

  override execute(count: number, values: ReadonlyArray<readonly unknown[]>): ReadonlyArray<Entry<PageWindow>> {
    const { names } = this.params;
    return Array.from({ length: count }, (_, row) => {
      try {
        return pageWindow(Object.fromEntries(names.map((name, at) => [name, values[at]?.[row]])));
      } catch (error) {
        return fail(errorOf(error));
      }
    });
  }
}
