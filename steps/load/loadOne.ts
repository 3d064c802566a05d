import { access, type PathKey } from '../../src/step/builtin/AccessStep.ts';
import { get } from '../../src/step/get.ts';
import { PRESENCE, type ReadPath } from '../../src/step/reads.ts';
import type { MaxRows, Step } from '../../src/step/Step.ts';
import { type Multistep, type MultistepData, multistep } from '../multistep.ts';
import { globalSteps, type LoadArguments, mayStartAhead } from './globals.ts';
import { LoadStep } from './LoadStep.ts';
import type { LoaderLike } from './loader.ts';

/** By loader of pages: how many items the list at a path of a page has, by the step of the page's key. */
export const listsOfPages: WeakMap<object, (path: ReadPath, $key: Step) => MaxRows> = new WeakMap();

/** Represents the entry of a loader for a key. Yields it; null for a null key, without asking. */
export class LoadOneStep<TData = unknown> extends LoadStep<TData | null> {
  static override readonly op = 'loadOne';
  #isPresenceRead = false;

  /** An attribute that is the key itself is the key's step: nothing is loaded for it, and nothing waits. */
  get(name: string): Step {
    return this.#fromKey(name) ?? access(this, name);
  }

  #fromKey(name: string): Step | null {
    const equivalence = this.source.ioEquivalence;
    if (equivalence === null) return null;
    if (typeof equivalence === 'string') return equivalence === name ? this.dependency(0) : null;
    const entry = Object.entries(equivalence).find(([, attribute]) => attribute === name);
    return entry === undefined ? null : get(this.dependency(0), entry[0]);
  }

  override keyPath(attribute: PathKey): readonly PathKey[] | null {
    const { identity } = this.source;
    if (identity === null) return null;
    if (typeof identity === 'string') return identity === attribute ? [] : null;
    const entry = Object.entries(identity).find(([, name]) => name === attribute);
    return entry === undefined ? null : [entry[0]];
  }

  override noteRead(path: ReadPath): void {
    if (path[0] === PRESENCE) this.#isPresenceRead = true;
    else this.noteAttribute(path[0]);
  }

  override deduplicatedWith(peer: Step): void {
    super.deduplicatedWith(peer);
    if (peer instanceof LoadOneStep && this.#isPresenceRead) peer.#isPresenceRead = true;
  }

  override maxRows(path: ReadPath): MaxRows {
    return listsOfPages.get(this.params.loader)?.(path, this.dependency(0)) ?? null;
  }

  /** Where only attributes were read that are the key itself, the key is all there is to know. */
  override optimize(): Step {
    const isKeyEnough = this.source.ioEquivalence !== null && !this.isRead && !this.#isPresenceRead;
    return isKeyEnough ? this.dependency(0) : this;
  }

  protected override checkEntry(entry: unknown): unknown {
    return entry;
  }
}

/**
 * Represents the value that `loader` has for `$key`, or null. All rows that load in this step, and in other steps
 * of the same loader, attributes and globals that are ready at the same time, share one call; a key is loaded once a
 * request. `$key` may be a tuple or record of steps: such keys are equal when their parts are. `globals` are values
 * that are the same for the whole request, such as arguments.
 *
 * ```ts
 * Query: { plans: { user: (_$root, { $id }) => loadOne($id, userById) } },
 * Post: { plans: { author: ($post) => loadOne(get($post, 'authorId'), userById, { tenant: get(context(), 'tenant') }) } },
 * ```
 */
export function loadOne<const TSpec extends NonNullable<Multistep>, TData, TGlobal>(
  $key: TSpec,
  loader: LoaderLike<TData, NonNullable<MultistepData<TSpec>>, TGlobal>,
  ...[globals, options]: LoadArguments<TGlobal>
): Step<TData | null> {
  return new LoadOneStep<TData>(
    multistep($key, 'loadOne'),
    loader,
    globalSteps(globals),
    null,
    mayStartAhead('loadOne', options),
  );
}
