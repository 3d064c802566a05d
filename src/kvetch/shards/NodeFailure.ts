import type { Effect, NextStep } from '../errors.ts';

/**
 * The error of a store, or of an entry, when its node did not do its work: `Shards` makes it the
 * `ShardUnavailableError` of each entry. It knows better than the caller whether anything can have been written.
 */
export class NodeFailure extends Error {
  readonly effect: Effect;
  readonly next: NextStep;

  constructor(effect: Effect, cause: unknown, next: NextStep = 'retry') {
    super('The node did not do its work.', { cause });
    this.name = 'NodeFailure';
    this.effect = effect;
    this.next = next;
  }
}
