/** The calls that are counted as they are made; planning and stores are counted by their channels. */
type CountedKind = 'step' | 'load';

/** A counter of calls. */
interface Tally {
  /** A call is over that may have waited. */
  call(kind: CountedKind, name: string, items: number, milliseconds: number): void;
  failure(kind: CountedKind, name: string): void;
  /** Keys of a loader were started ahead of their turn, or some that had been are needed. */
  ahead(loader: string, started: number, used: number): void;
}

/** A step's call, and the loads that it began: they are over when the step has its values. */
export interface TimedCall {
  readonly started: number;
  readonly outer: TimedCall | null;
  /** The first load, as there mostly is but one; null: none. */
  loader: string | null;
  keys: number;
  others: { readonly loader: string; readonly keys: number }[] | null;
}

/**
 * Times and counts steps and loads. Separate from the channels, for counting must cost next to nothing: neither message nor
 * promise, and mostly one look at the clock a round (decision telemetry-counters).
 */
class Counting {
  /** Whether calls are counted. If not, this check is all that counting costs. */
  isOn = false;
  /** The time, where it was looked at and next to nothing was done since; else 0. */
  #time = 0;
  /** The step that is being called. */
  #call: TimedCall | null = null;
  #tallies: readonly Tally[] = [];

  /** Returns how to stop. */
  add(tally: Tally): () => void {
    this.#set([...this.#tallies, tally]);
    return () => this.#set(this.#tallies.filter((other) => other !== tally));
  }

  #set(tallies: readonly Tally[]): void {
    this.#tallies = tallies;
    this.isOn = tallies.length > 0;
  }

  /** A step is called. */
  begin(): TimedCall {
    const started = this.#time === 0 ? performance.now() : this.#time;
    this.#time = 0;
    this.#call = { started, outer: this.#call, loader: null, keys: 0, others: null };
    return this.#call;
  }

  /** The call of a step has given back values, or a promise of them. */
  called({ outer }: TimedCall): void {
    this.#call = outer;
  }

  /** Something runs that may take a while: the last reading of the clock is old. */
  forgetTime(): void {
    this.#time = 0;
  }

  /** Notes a load for the step that is being called. False: none is. */
  begins(loader: string, keys: number): boolean {
    const call = this.#call;
    if (call === null) return false;
    if (call.loader === null) {
      call.loader = loader;
      call.keys = keys;
    } else {
      call.others ??= [];
      call.others.push({ loader, keys });
    }
    return true;
  }

  /** A step that may have waited has its values; for others `op` is null. Returns how long it took. */
  end({ started, loader, keys, others }: TimedCall, op: string | null, rows: number): number {
    const time = performance.now();
    const milliseconds = time - started;
    this.#time = time;
    if (op !== null) this.call('step', op, rows, milliseconds);
    if (loader !== null) this.call('load', loader, keys, milliseconds);
    if (others !== null) for (const other of others) this.call('load', other.loader, other.keys, milliseconds);
    return milliseconds;
  }

  call(kind: CountedKind, name: string, items: number, milliseconds: number): void {
    for (const tally of this.#tallies) tally.call(kind, name, items, milliseconds);
  }

  ahead(loader: string, started: number, used: number): void {
    for (const tally of this.#tallies) tally.ahead(loader, started, used);
  }

  failure(kind: CountedKind, name: string): void {
    for (const tally of this.#tallies) tally.failure(kind, name);
  }
}

export const counting: Counting = new Counting();
