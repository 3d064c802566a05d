import type { KvetchObject } from '../kvetch/KvetchObject.ts';
import type { Context, Loaded, PentObject } from './contract.ts';
import { KnownPents, type PentLists } from './KnownPents.ts';

/** What all contexts have in common: one Pent for each object. */
export abstract class ContextOfPents {
  #pents: KnownPents | null = null;

  protected abstract get self(): Context;

  /** The Pents so far. After `$forgetPents` they are others. */
  get $pents(): KnownPents {
    this.#pents ??= new KnownPents(this.self);
    return this.#pents;
  }

  $forgetPents(): void {
    this.#pents = null;
  }

  /** Whether nothing was wrapped yet. */
  get isNew(): boolean {
    return this.#pents?.isEmpty ?? true;
  }

  /** The Pent for a record: the same instance for the same version. Null for a type that the model does not know. */
  wrap(record: KvetchObject, made?: PentObject | null): PentObject | null {
    return this.$pents.wrap(record, made);
  }

  wrapFirst(
    lists: ReadonlyArray<readonly Loaded[]>,
    ids?: readonly string[],
    made?: ReadonlyArray<PentObject | null> | null,
  ): PentLists | null {
    return this.$pents.wrapFirst(lists, ids, made);
  }
}
