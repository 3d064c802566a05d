import { itemAt } from '../../utils/itemAt.ts';
import { isPromise } from '../shards/chain.ts';
import type { Batch, Entry } from '../shards/ShardStore.ts';

/** Says what requests are about. */
export interface FlightNames<TRequest> {
  /** What a write to it names: an object, a list, an index value. */
  groupOf(request: TRequest): string;
  /** Also says which part of it is read. */
  nameOf(request: TRequest): string;
}

/** What a reader does with the entries that others are reading already. */
interface Reader<TRequest, TOut> {
  readonly load: (requests: readonly TRequest[]) => Batch<TOut>;
  /** Whether the answer to an older question will do. */
  readonly accepts: (request: TRequest, answer: Entry<TOut>) => boolean;
  readonly onJoin: (count: number) => void;
}

/** A batch of more is joined by nobody, as its answers come all at once and late, and joins none. */
const MAX_JOINED = 1000;

/** A batch that is under way. */
class Flight<TRequest, TOut> {
  readonly requests: readonly TRequest[];
  /** `null` when it has landed. */
  answers: PromiseLike<ReadonlyArray<Entry<TOut>>> | null;
  /** The groups that were written to since it began. */
  ended: Set<string> | null = null;

  constructor(requests: readonly TRequest[], answers: PromiseLike<ReadonlyArray<Entry<TOut>>>) {
    this.requests = requests;
    this.answers = answers;
  }
}

/** Where something is being read. */
interface FlightEntry<TRequest, TOut> {
  readonly flight: Flight<TRequest, TOut>;
  readonly at: number;
}

/**
 * The reads of one kind that are under way in this process. Who asks for the same while they are joins them, entry by
 * entry, whatever batches they are in; but no read that begins after a write has ended joins one from before.
 *
 * Nothing is indexed until somebody asks while others are under way, and nothing is deleted from the index: a `Map` that
 * is filled and emptied all the time leaves a chain of old tables, through which what has landed grows old.
 */
export class InFlightReads<TRequest, TOut> {
  readonly #underWay: Flight<TRequest, TOut>[] = [];
  /** By name; among them flights that have landed since it was made. */
  #places: Map<string, FlightEntry<TRequest, TOut>> | null = null;
  #landed = 0;
  readonly #names: FlightNames<TRequest>;
  readonly #onLand: ((request: TRequest, answer: TOut) => void) | null;

  /** `onLand` is told of answers that no write has overtaken. */
  constructor(names: FlightNames<TRequest>, onLand: ((request: TRequest, answer: TOut) => void) | null) {
    this.#names = names;
    this.#onLand = onLand;
  }

  /** Synchronous as long as the store is: then nothing is ever under way. */
  read(requests: readonly TRequest[], reader: Reader<TRequest, TOut>): Batch<TOut> {
    if (this.#underWay.length === 0 || requests.length > MAX_JOINED) return this.#begin(requests, reader);
    const joins = requests.map((request) => this.#find(request));
    if (joins.every((place) => place === null)) return this.#begin(requests, reader);
    return this.#join(requests, joins, reader);
  }

  /** A write to what the group names has ended, well or not: what is read from now on is read anew. */
  end(group: string): void {
    for (const flight of this.#underWay) {
      flight.ended ??= new Set();
      flight.ended.add(group);
    }
  }

  #begin(requests: readonly TRequest[], { load }: Reader<TRequest, TOut>): Batch<TOut> {
    const loading = load(requests);
    if (!isPromise(loading)) return loading;
    const answers = loading.then(
      (landed) => {
        this.#land(flight, landed);
        return landed;
      },
      (cause: unknown) => {
        this.#land(flight, []);
        throw cause;
      },
    );
    const flight = new Flight(requests, answers);
    this.#underWay.push(flight);
    if (this.#places !== null) this.#index(this.#places, flight);
    return answers;
  }

  async #join(
    requests: readonly TRequest[],
    joins: ReadonlyArray<FlightEntry<TRequest, TOut> | null>,
    reader: Reader<TRequest, TOut>,
  ): Promise<ReadonlyArray<Entry<TOut>>> {
    const out: Entry<TOut>[] = new Array(requests.length);
    const load = async (
      positions: readonly number[],
      ask: (batch: readonly TRequest[]) => Batch<TOut>,
    ): Promise<void> => {
      if (positions.length === 0) return;
      const answers = await ask(positions.map((at) => itemAt(requests, at)));
      for (const [i, at] of positions.entries()) out[at] = itemAt(answers, i);
    };
    const all = requests.map((_, at) => at);
    const joined = all.filter((at) => joins[at] !== null);
    reader.onJoin(joined.length);
    const land = async (at: number): Promise<void> => {
      const { flight, at: place } = joins[at] as FlightEntry<TRequest, TOut>;
      out[at] = (await flight.answers)?.[place] as Entry<TOut>; // found under way, so there are answers
    };
    const others = all.filter((at) => joins[at] === null);
    await Promise.all([load(others, (batch) => this.#begin(batch, reader)), ...joined.map(land)]);
    const refused = joined.filter((at) => !reader.accepts(itemAt(requests, at), itemAt(out, at)));
    await load(refused, reader.load);
    return out;
  }

  #find(request: TRequest): FlightEntry<TRequest, TOut> | null {
    if (this.#places === null) {
      this.#places = new Map();
      this.#landed = 0;
      for (const flight of this.#underWay) this.#index(this.#places, flight);
    }
    const place = this.#places.get(this.#names.nameOf(request)) ?? null;
    return place === null || place.flight.answers === null || this.#isOvertaken(place.flight, request) ? null : place;
  }

  #index(places: Map<string, FlightEntry<TRequest, TOut>>, flight: Flight<TRequest, TOut>): void {
    if (flight.requests.length > MAX_JOINED) return;
    for (const [at, request] of flight.requests.entries()) places.set(this.#names.nameOf(request), { flight, at });
  }

  #isOvertaken({ ended }: Flight<TRequest, TOut>, request: TRequest): boolean {
    return ended?.has(this.#names.groupOf(request)) ?? false;
  }

  #land(flight: Flight<TRequest, TOut>, answers: ReadonlyArray<Entry<TOut>>): void {
    flight.answers = null;
    // In their order: of two that read the same, the later one is joined.
    this.#underWay.splice(this.#underWay.indexOf(flight), 1);
    if (this.#places !== null) {
      this.#landed += flight.requests.length;
      if (this.#underWay.length === 0 || 2 * this.#landed > this.#places.size) this.#places = null;
    }
    if (this.#onLand === null) return;
    for (const [at, request] of flight.requests.entries()) {
      const answer = answers[at];
      if (answer !== undefined && !(answer instanceof Error) && !this.#isOvertaken(flight, request))
        this.#onLand(request, answer);
    }
  }
}
