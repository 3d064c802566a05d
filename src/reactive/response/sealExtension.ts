import { appendAll } from '../../utils/appendAll.ts';
import { getOrCreate } from '../../utils/getOrCreate.ts';
import { itemAt } from '../../utils/itemAt.ts';
import type { DependencyGroup, ReactiveExtension } from '../../utils/reactiveExtension.ts';
import { fillerName, type SealedSets } from '../keys/SealedSets.ts';
import type { SealedRun, Seed, SubjectSeal } from '../keys/Seals.ts';
import { wordsIn } from '../keys/Seals.ts';
import { NAME_WORDS } from '../keys/WireKeys.ts';
import type { Begun } from '../versions/beginOf.ts';
import { type KeyGroup, rangesOf } from './KeyTable.ts';
import { numbersOf, placesOf } from './placesOf.ts';

/** The recipient of a response, and what it asked for. */
export interface SealedFor {
  readonly subject: string;
  /** The operation with its variables: positions of others have other keys. */
  readonly operation: string;
}

/** By the sealed form of a response's dependencies: the form with true names, for this process alone. */
const opened = new WeakMap<ReactiveExtension, ReactiveExtension>();

const openedGroups = new WeakMap<DependencyGroup, DependencyGroup>();

/** The dependencies of a response of this process with their true names. */
export function openedHere(extension: ReactiveExtension): ReactiveExtension {
  return opened.get(extension) ?? extension;
}

/** The same of a group of them. */
export function openedGroup(group: DependencyGroup): DependencyGroup {
  return openedGroups.get(group) ?? group;
}

/** The dependencies of a response with further properties. */
export function withMore(extension: ReactiveExtension, more: Partial<ReactiveExtension>): ReactiveExtension {
  const all = { ...extension, ...more };
  opened.set(all, openedHere(extension));
  return all;
}

/** The dependencies of a response as its client gets them. */
export function sealExtension(
  sets: SealedSets,
  extension: ReactiveExtension,
  begun: Begun | null,
  { subject, operation }: SealedFor,
): ReactiveExtension {
  const { keys, versions, groups, objects } = extension;
  if (begun === null || keys === undefined || versions === undefined || groups === undefined) return extension;
  const layout = new SealedLayout(sets.of(subject), operation);
  const root = groups.find(({ at, scope }) => at === '' && scope === 'field') ?? ROOT;
  const shown = groups.includes(root) ? groups : [root, ...groups];
  for (const group of shown) layout.add(group);
  for (const { groups: own = [] } of objects ?? []) for (const group of own) layout.add(group);
  const { places, names } = layout.close(wordsIn(keys));
  const held = places.map((place) => (place < 0 ? 0 : itemAt(versions, place)));
  const sealed: ReactiveExtension = {
    ...extension,
    ...sets.seal(subject, { begun, names, runs: layout.runs, versions: held }),
    groups: shown.map((group) => layout.sealed(group)),
    ...(objects !== undefined && {
      objects: objects.map(({ groups: own = [], ...rest }) => ({
        ...rest,
        groups: own.map((group) => layout.sealed(group)),
      })),
    }),
  };
  opened.set(sealed, extension);
  return sealed;
}

/** If nothing was read outside of steps, that must not be seen. */
const ROOT: DependencyGroup = { at: '', scope: 'field', keys: [] };

/**
 * The order of sealed keys: those of a position follow each other, each once. Hidden objects, and what rules have read for
 * them, have keys at positions of the scope `field`: fillers behind these leave of their number the size of it.
 */
class SealedLayout {
  readonly #seal: SubjectSeal;
  readonly #operation: string;
  /** By seed: true places, and where they are sealed. */
  readonly #places = new Map<Seed, Map<number, number>>();
  readonly #seeds = new Map<string, Seed>();
  readonly #filled = new Set<Seed>();
  /** By group of scope `under`: its places with the fillers among them, and how many each object has. */
  readonly #under = new Map<
    DependencyGroup,
    { readonly places: readonly number[]; readonly each: readonly number[] }
  >();

  constructor(seal: SubjectSeal, operation: string) {
    this.#seal = seal;
    this.#operation = operation;
  }

  add(group: DependencyGroup): void {
    const seed = this.#seedOf(group);
    const own = getOrCreate(this.#places, seed, () => new Map<number, number>());
    const places = group.scope === 'under' ? this.#fill(group, own) : placesOf(group.keys);
    for (const place of places) own.set(place, 0);
    if (group.scope === 'field') this.#filled.add(seed);
  }

  /** The places of a group of scope `under`, with fillers behind those of each object. */
  #fill(group: DependencyGroup & Pick<KeyGroup, 'isFilled'>, own: ReadonlyMap<number, number>): readonly number[] {
    const all = placesOf(group.keys);
    const places: number[] = [];
    const each: number[] = [];
    let from = 0;
    let fillers = [...own.keys()].filter((place) => place < 0).length;
    for (const count of numbersOf(group.each ?? [])) {
      appendAll(places, all.slice(from, from + count));
      from += count;
      const size = group.isFilled === true ? filledSize(count) : count;
      for (let n = count; n < size; n++) places.push(-++fillers);
      each.push(size);
    }
    this.#under.set(group, { places, each: rangesOf(each) });
    return places;
  }

  /** The true place of each sealed key, and its name; a filler has a negative place. `all`: the true names. */
  close(all: Int32Array): { readonly places: readonly number[]; readonly names: Int32Array } {
    const places: number[] = [];
    const fillers = new Map<number, Int32Array>();
    for (const [seed, own] of this.#places) {
      if (this.#filled.has(seed)) for (let n = filledSize(own.size) - own.size; n > 0; n--) own.set(-n, 0);
      for (const place of own.keys()) {
        const at = places.push(place) - 1;
        own.set(place, at);
        if (place < 0) fillers.set(at, fillerName(seed, -place));
      }
    }
    const names = new Int32Array(places.length * NAME_WORDS);
    for (const [at, place] of places.entries()) {
      names.set(fillers.get(at) ?? all.subarray(place * NAME_WORDS, (place + 1) * NAME_WORDS), at * NAME_WORDS);
    }
    return { places, names };
  }

  get runs(): readonly SealedRun[] {
    return [...this.#places].map(([seed, own]) => ({ seed, count: own.size }));
  }

  sealed(group: DependencyGroup): DependencyGroup {
    const own = this.#places.get(this.#seedOf(group)) ?? new Map<number, number>();
    const keys: number[] = [];
    const add = (place: number): void => {
      const at = own.get(place) ?? 0;
      const last = keys.length - 1;
      if (last > 0 && itemAt(keys, last - 1) + itemAt(keys, last) === at) keys[last] = itemAt(keys, last) + 1;
      else keys.push(at, 1);
    };
    const filled = this.#under.get(group);
    for (const place of filled?.places ?? placesOf(group.keys)) add(place);
    if (group.scope === 'field') for (const place of own.keys()) if (place < 0) add(place);
    const { at, scope, under } = group;
    const sealed: DependencyGroup =
      filled === undefined || under === undefined ? { ...group, keys } : { at, scope, under, each: filled.each, keys };
    openedGroups.set(sealed, group);
    return sealed;
  }

  #seedOf({ at, scope }: DependencyGroup): Seed {
    return getOrCreate(this.#seeds, `${scope} ${at}`, (): Seed => {
      return this.#seal.seedOf(JSON.stringify([this.#operation, at, scope]));
    });
  }
}

/** 4, 6, 8, 12, 16, 24, 32, … */
function filledSize(count: number): number {
  if (count <= 4) return 4;
  const step = 2 ** (Math.floor(Math.log2(count - 1)) - 1);
  return Math.ceil(count / step) * step;
}
