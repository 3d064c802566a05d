import { splitKeys } from '../../utils/wireKeys.ts';
import type { Moment } from './Store.ts';

/** Newer versions by key. */
export type NewVersions = { readonly [key: string]: number };

/** Whether a mutation has changed a key of a set. */
export type HasChanged = (key: string, set: HeldSet) => boolean;

export type News = readonly (readonly [key: string, version: number])[];

/** A set as protocols have it (spec 11.8.1). */
export interface WireSet extends Moments {
  readonly keys: string;
  readonly versions: readonly number[];
  readonly grant: string;
}

interface Moments {
  readonly epoch: string;
  readonly asOf: number;
}

let sets = 0;

/** The keys that the client may ask about: those of one response. Their versions are the newest known ones. */
export class HeldSet {
  readonly id: string = String(++sets);
  readonly keys: readonly string[];
  readonly epoch: string;
  readonly #text: string;
  readonly #grant: string;
  readonly #versions: number[];
  readonly #places: ReadonlyMap<string, number>;
  #asOf: number;

  constructor(moment: Moment, keys: string, versions: readonly number[], grant: string) {
    this.keys = splitKeys(keys);
    this.epoch = moment.epoch;
    this.#asOf = moment.seq;
    this.#text = keys;
    this.#grant = grant;
    this.#versions = [...versions];
    this.#places = new Map(this.keys.map((key, at) => [key, at]));
  }

  /** The names of the positions that have keys of the set: a mutation asks which of these it has changed. */
  get seeds(): readonly string[] {
    const [, ...runs] = this.#grant.split('.')[2]?.split('~') ?? [];
    return runs.map((run) => run.slice(0, 8));
  }

  /** Takes news, which need not come again. `asOf`: all changes until then are known. */
  told(news: News, asOf: number = this.#asOf): void {
    for (const [key, version] of news) {
      const at = this.#places.get(key);
      if (at !== undefined) this.#versions[at] = Math.max(version, this.#versions[at] ?? 0);
    }
    this.#asOf = Math.max(asOf, this.#asOf);
  }

  wire(): WireSet {
    return {
      epoch: this.epoch,
      asOf: this.#asOf,
      keys: this.#text,
      versions: this.#versions,
      grant: this.#grant,
    };
  }
}
