import { flag, object, type ParamShapes, texts } from '../../src/step/paramShapes.ts';
import type { Step as AnyStep } from '../../src/step/Step.ts';
import { Step } from '../../src/step/Step.ts';
import { type Failure, fail } from '../../src/step/signals.ts';
import { type PageArguments, type SourceAbilities, type Window, windowOf } from './window.ts';

const NAMES = ['first', 'last', 'before', 'after', 'offset'] as const;

/** Represents the page that a connection's arguments ask for. Yields its window; fails for arguments that make no sense. */
export class WindowStep extends Step<Window> {
  static override readonly op = 'connection.window';
  static override readonly paramShapes: ParamShapes = {
    names: { type: 'array', items: { enum: NAMES } },
    source: object({ cursors: { enum: ['position', 'cursor'] }, offset: flag, reverse: flag }),
    wants: texts,
  };
  override readonly isSync = true;
  declare params: {
    readonly names: readonly string[];
    readonly source: SourceAbilities;
    readonly wants: readonly string[];
  };
  /** Plan time only: the operation asks whether there are more rows behind, or before, the page. */
  readonly #wants = new Set<string>();

  constructor($args: Readonly<Record<string, AnyStep | undefined>>, source: SourceAbilities) {
    super();
    const names = NAMES.filter((name) => {
      const $argument = $args[name];
      if ($argument !== undefined) this.addGlobalDependency($argument);
      return $argument !== undefined;
    });
    this.params = { names, source, wants: [] };
  }

  override get isPure(): boolean {
    return true;
  }

  /** One row more than the page is loaded, to see whether there are more. */
  want(answer: 'hasNextPage' | 'hasPreviousPage'): void {
    this.#wants.add(answer);
  }

  override deduplicatedWith(peer: Step): void {
    if (peer instanceof WindowStep) for (const answer of this.#wants) peer.#wants.add(answer);
  }

  override finalize(): void {
    this.params = { ...this.params, wants: [...this.#wants].sort() };
  }

  override execute(count: number, values: readonly unknown[]): ReadonlyArray<Window | Failure> {
    const { names, source, wants } = this.params;
    const args = Object.fromEntries(names.map((name, index) => [name, values[index]]));
    return new Array<Window | Failure>(count).fill(attempt(args, source, wants));
  }
}

function attempt(args: PageArguments, source: SourceAbilities, wants: readonly string[]): Window | Failure {
  try {
    // A page from the end goes on with the entries before it.
    const answer = args.last === null || args.last === undefined ? 'hasNextPage' : 'hasPreviousPage';
    return windowOf(args, source, wants.includes(answer));
  } catch (error) {
    return fail(error);
  }
}
