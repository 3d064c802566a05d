import { PlanqlError } from '../../src/errors/PlanqlError.ts';
import type { ExecuteExtra } from '../../src/step/ExecuteExtra.ts';
import { isItem, type ReadPath } from '../../src/step/reads.ts';
import { valueAt } from '../../src/step/rowsAt.ts';
import type { MaxRows, Step, StepResult } from '../../src/step/Step.ts';
import { fail, isSignal } from '../../src/step/signals.ts';
import { inspect } from '../../src/utils/inspect.ts';
import { type Multistep, type MultistepData, multistep } from '../multistep.ts';
import { globalSteps, type LoadArguments, mayStartAhead } from './globals.ts';
import { LoadStep } from './LoadStep.ts';
import { type LoaderLike, type LoadPage, totalCounter } from './loader.ts';
import { LoadOneStep } from './loadOne.ts';

/** Represents the list that a loader has for a key. Yields it; null for a null key, without asking. */
export class LoadManyStep<TItem = unknown> extends LoadStep<readonly TItem[] | null> {
  static override readonly op = 'loadMany';

  override noteRead(path: ReadPath): void {
    const head = path[0];
    if (head === undefined) this.noteAttribute(undefined);
    else if (isItem(head)) this.noteAttribute(path[1]);
  }

  override get yieldsLists(): boolean {
    return true;
  }

  override maxRows(path: ReadPath): MaxRows {
    if (path.length > 0) return null;
    const { maxRows } = this.source;
    const said = typeof maxRows === 'string' ? this.globalNamed(maxRows) : maxRows;
    if (!this.params.isPaged) return said;
    const $page = this.dependency(this.dependencies.findLastIndex(({ kind }) => kind === 'global'));
    return { kind: 'smallest', of: [valueAt($page, 'limit'), said] };
  }

  /** The same list, but only a page is loaded. */
  withPage($page: Step): LoadManyStep<TItem> {
    return new LoadManyStep<TItem>(
      this.dependency(0),
      this.params.loader,
      this.globals,
      $page,
      this.params.ahead !== false,
    );
  }

  /** The same list of another key. */
  withKey($key: Step): LoadManyStep<TItem> {
    return new LoadManyStep<TItem>($key, this.params.loader, this.globals, null, this.params.ahead !== false);
  }

  /** How many items the whole list has, where the loader can tell. */
  get $totalCount(): Step<number | null> | null {
    const counter = totalCounter(this.params.loader);
    return counter === null
      ? null
      : new LoadOneStep<number>(this.dependency(0), counter, this.globals, null, this.params.ahead !== false);
  }

  protected override checkEntry(entry: unknown, key: unknown, name: string): unknown {
    if (Array.isArray(entry) || isSignal(entry)) return entry;
    if (typeof entry === 'object' && entry !== null && (Symbol.iterator in entry || Symbol.asyncIterator in entry))
      return entry;
    return fail(
      new PlanqlError(
        'LOADER_RESULT',
        `Loader "${name}" returned ${inspect(entry)} for key ${inspect(key)}, where loadMany() needs a list.`,
      ),
    );
  }

  override execute(
    count: number,
    values: readonly unknown[],
    extra: ExecuteExtra,
  ): StepResult<readonly TItem[] | null> {
    const page = this.params.isPaged ? (values[values.length - 1] as LoadPage) : null;
    if (page?.limit !== 0) return super.execute(count, values, extra);
    return (values[0] as readonly unknown[]).map((key) => (key === null || key === undefined ? null : []));
  }
}

/**
 * Represents the list that `loader` has for `$key`, or null. Keys, globals, calls and caching are as for `loadOne`.
 *
 * ```ts
 * const friendsOf = loader({ name: 'app.friendsOf', load: (ids, { global, context }) => context.db.friends(ids, global.first) });
 * plans: { friends: ($user, { $first }) => loadMany(get($user, 'id'), friendsOf, { first: $first }) }
 * ```
 */
export function loadMany<const TSpec extends NonNullable<Multistep>, TItem, TGlobal>(
  $key: TSpec,
  loader: LoaderLike<readonly TItem[], NonNullable<MultistepData<TSpec>>, TGlobal>,
  ...[globals, options]: LoadArguments<TGlobal>
): Step<readonly TItem[]> {
  const $list = new LoadManyStep<TItem>(
    multistep($key, 'loadMany'),
    loader,
    globalSteps(globals),
    null,
    mayStartAhead('loadMany', options),
  );
  return $list as Step<readonly TItem[]>;
}
