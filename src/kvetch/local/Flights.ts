import { isPromise } from '../shards/chain.ts';
import type { Batch, Entry } from '../shards/ShardStore.ts';

/** Where a request belongs. */
export interface FlightPlace {
  /** What a write to it names: an object, a list, an index value. */
  readonly group: string;
  /** Which part of it is read. */
  readonly name: string;
}

/** One entry of a batch that is under way. */
interface Flight<TOut> {
  readonly batch: PromiseLike<ReadonlyArray<Entry<TOut>>>;
  readonly at: number;
}

/** What a reader does with the entries that others are reading already. */
interface Reader<TRequest, TOut> {
  readonly load: (requests: readonly TRequest[]) => Batch<TOut>;
  /** Whether the answer to an older question will do. */
  readonly accepts: (request: TRequest, answer: Entry<TOut>) => boolean;
  readonly onJoin: (count: number) => void;
}

/**
 * The reads of one kind that are under way in this process. Who asks for the same while they are joins them, entry by
 * entry, whatever batches they are in; but no read that begins after a write has ended joins one from before.
 */
export class Flights<TRequest, TOut> {
  readonly #groups = new Map<string, Map<string, Flight<TOut>>>();
  readonly #placeOf: (request: TRequest) => FlightPlace;
  readonly #onLand: (request: TRequest, answer: TOut) => void;

  /** `onLand` is told of answers that no write has overtaken. */
  constructor(placeOf: (request: TRequest) => FlightPlace, onLand: (request: TRequest, answer: TOut) => void) {
    this.#placeOf = placeOf;
    this.#onLand = onLand;
  }

  /** Synchronous as long as the store is: then nothing is ever under way. */
  read(requests: readonly TRequest[], reader: Reader<TRequest, TOut>): Batch<TOut> {
    const joins = this.#groups.size === 0 ? [] : requests.map((request) => this.#find(request));
    if (!joins.some((flight) => flight !== undefined)) return this.#begin(requests, reader);
    return this.#join(requests, joins, reader);
  }

  /** A write to what the group names has ended, well or not: what is read from now on is read anew. */
  end(group: string): void {
    this.#groups.delete(group);
  }

  #begin(requests: readonly TRequest[], { load }: Reader<TRequest, TOut>): Batch<TOut> {
    const loading = load(requests);
    if (!isPromise(loading)) return loading;
    const flights: Array<Flight<TOut>> = [];
    const land = (answers: ReadonlyArray<Entry<TOut>>): ReadonlyArray<Entry<TOut>> => {
      for (const [at, flight] of flights.entries()) this.#land(requests[at] as TRequest, flight, answers[at]);
      return answers;
    };
    const batch = loading.then(land, (cause: unknown) => {
      land([]);
      throw cause;
    });
    for (const [at, request] of requests.entries()) {
      const flight = { batch, at };
      flights.push(flight);
      const { group, name } = this.#placeOf(request);
      const among = this.#groups.get(group);
      if (among === undefined) this.#groups.set(group, new Map([[name, flight]]));
      else among.set(name, flight);
    }
    return batch;
  }

  async #join(
    requests: readonly TRequest[],
    joins: ReadonlyArray<Flight<TOut> | undefined>,
    reader: Reader<TRequest, TOut>,
  ): Promise<ReadonlyArray<Entry<TOut>>> {
    const out: Entry<TOut>[] = new Array(requests.length);
    const load = async (
      positions: readonly number[],
      ask: (batch: readonly TRequest[]) => Batch<TOut>,
    ): Promise<void> => {
      if (positions.length === 0) return;
      const answers = await ask(positions.map((at) => requests[at] as TRequest));
      for (const [i, at] of positions.entries()) out[at] = answers[i] as Entry<TOut>;
    };
    const all = requests.map((_, at) => at);
    const joined = all.filter((at) => joins[at] !== undefined);
    reader.onJoin(joined.length);
    const land = async (at: number): Promise<void> => {
      const { batch, at: place } = joins[at] as Flight<TOut>;
      out[at] = (await batch)[place] as Entry<TOut>;
    };
    const others = all.filter((at) => joins[at] === undefined);
    await Promise.all([load(others, (batch) => this.#begin(batch, reader)), ...joined.map(land)]);
    const refused = joined.filter((at) => !reader.accepts(requests[at] as TRequest, out[at] as Entry<TOut>));
    await load(refused, reader.load);
    return out;
  }

  #find(request: TRequest): Flight<TOut> | undefined {
    const { group, name } = this.#placeOf(request);
    return this.#groups.get(group)?.get(name);
  }

  #land(request: TRequest, flight: Flight<TOut>, answer: Entry<TOut> | undefined): void {
    const { group, name } = this.#placeOf(request);
    const among = this.#groups.get(group);
    if (among?.get(name) !== flight) return;
    if (among.size === 1) this.#groups.delete(group);
    else among.delete(name);
    if (answer !== undefined && !(answer instanceof Error)) this.#onLand(request, answer);
  }
}
