import { observeLoad } from '../../src/step/observeLoad.ts';
import { fail } from '../../src/step/signals.ts';
import { CallQueue } from '../../src/utils/CallQueue.ts';
import { watchNested } from '../../src/utils/watchPromise.ts';
import { assertEntries } from './assertEntries.ts';
import type { BatchOptions } from './BatchOptions.ts';
import type { LoaderSource } from './LoaderSource.ts';
import type { MapKey } from './mapKeys.ts';
import type { RequestInfo } from './RequestInfo.ts';
import { SharedInfo } from './SharedInfo.ts';
import { BatchRequest, closeGathering, Gathering, giveShares, joinKeys, type LoadShare } from './shares.ts';

/**
 * The calls of one loader for requests that may share them: equal globals, attributes and context key. Implements
 * chapter 7 of the specification.
 */
export class SharedCalls extends CallQueue<BatchRequest> {
  readonly #source: LoaderSource;
  #sharesContext = false;
  #gathering = new Gathering();

  constructor(source: LoaderSource, onIdle: () => void) {
    super(onIdle);
    this.#source = source;
  }

  load(keys: readonly unknown[], mapKeys: readonly MapKey[], info: RequestInfo, options: BatchOptions): BatchRequest {
    if (this.#gathering.isClosed) this.#gathering = new Gathering();
    const request = new BatchRequest(keys, mapKeys, info, this.#gathering);
    this.#sharesContext = options.contextKey !== undefined;
    this.add(request, options);
    return request;
  }

  protected override async begin(shares: readonly LoadShare[]): Promise<void> {
    const gathering = closeGathering(shares);
    const { name } = this.#source;
    const { keys, places } = joinKeys(shares);
    const { length } = keys; // the loader may take keys out of its list
    const info = new SharedInfo(name, shares, this.#sharesContext);
    info.trace('requests in call', shares.length);
    let failed: readonly LoadShare[] = [];
    let result: unknown;
    try {
      result = await observeLoad(this.#source, keys, info, shares.length);
      assertEntries(name, result, length);
      giveShares(shares, places, result);
    } catch (error) {
      watchNested(result); // a list may throw behind its promises
      // One request may be at fault: each is asked for alone, and only its own errors stay.
      if (shares.length > 1) failed = shares;
      else for (const { part, from, to } of shares) part.fill(from, to, fail(error));
    }
    gathering?.open();
    this.ended(failed);
  }

  protected override drop({ part, from, to }: LoadShare): void {
    part.gathering.requests--;
    part.fill(from, to, null);
  }
}
